using System.Diagnostics;

namespace Kaffediem.IntegrationTests.Support.Servers;

/// <summary>The built server as a process that runs to its end: its exit code and output.</summary>
internal sealed record ServerProgram(int ExitCode, string Output, string Error)
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="folder">The working directory.</param>
    /// <param name="input">The standard input; not a terminal.</param>
    /// <param name="arguments">The command line.</param>
    public static Task<ServerProgram> RunAsync(string folder, string input, params string[] arguments) =>
        RunInShellAsync(folder, ServerProcess.AsItIs, input, arguments);

    /// <summary>Adds an account to a database.</summary>
    public static async Task AddUserAsync(
        string database, string email, string password, string name = "Name", bool isAdmin = false)
    {
        string[] words = ["user", "add", email, "--name", name, .. isAdmin ? ["--admin"] : Array.Empty<string>()];
        var added = await RunAsync(
            Path.GetDirectoryName(database)!, $"{password}\n", [.. words, $"--Database:Path={database}"]);
        Assert.True(added.ExitCode == 0, added.Error);
    }

    /// <summary>The same, through a shell that sets limits.</summary>
    /// <param name="folder">The working directory.</param>
    /// <param name="shell">One of <see cref="ServerProcess"/>'s, or one that ends as they do.</param>
    /// <param name="input">The standard input; not a terminal.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<ServerProgram> RunInShellAsync(
        string folder, string shell, string input, params string[] arguments)
    {
        using var process = Process.Start(ServerProcess.Command(folder, shell, arguments))!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(90));
        }
        catch (TimeoutException)
        {
            // A server that was expected not to start.
            process.Kill();
            throw;
        }

        return new ServerProgram(process.ExitCode, await output, await error);
    }
}
