using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>
/// Starts the built program in an empty folder and asserts that it fails: one line, exit code 1, no stack trace.
/// </summary>
internal sealed class FailedStart : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Runs the program on a free port.</summary>
    /// <returns>The reason why it cannot start.</returns>
    public Task<string> RunAsync(params string[] arguments) => RunInShellAsync(ServerProcess.AsItIs, arguments);

    /// <summary>Runs the program through a shell that prepares its environment.</summary>
    public async Task<string> RunInShellAsync(string shell, params string[] arguments)
    {
        var program = await ServerProgram.RunInShellAsync(
            _folder.FullName, shell, "", ["--urls=http://127.0.0.1:0", .. arguments]);

        Assert.Equal(1, program.ExitCode);
        var line = Assert.Single(program.Error.TrimEnd().Split('\n'));
        Assert.StartsWith("Kaffediem cannot start: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", program.Output, StringComparison.Ordinal);
        return line["Kaffediem cannot start: ".Length..];
    }

    /// <summary>Asserts that nothing was created, not even a database.</summary>
    public void AssertNothingWasMade() => Assert.Empty(_folder.EnumerateFileSystemInfos());

    public void Dispose() => _folder.Delete(recursive: true);
}
