using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>Data-protection keys are kept beside the database.</summary>
public sealed class KeyRingTests : IDisposable
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kaffediem-");

    private string Database => Path.Combine(_directory.FullName, "kaffediem.db");

    private string Keys => Path.Combine(_directory.FullName, "keys");

    [Fact]
    public async Task What_was_protected_before_a_restart_is_read_after_it()
    {
        await using var first = Start();
        var secret = Protector(first).Protect("a secret");
        await first.StopAsync();

        await using var second = Start();

        Assert.Equal("a secret", Protector(second).Unprotect(secret));
        Assert.StartsWith("key-", Path.GetFileName(Assert.Single(Directory.GetFiles(Keys))), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Keys) & Others);
        }
    }

    [Fact]
    public async Task Without_a_folder_for_the_keys_the_start_ends_with_one_line()
    {
        await File.WriteAllTextAsync(Keys, "in the way");

        var refused = await ServerProgram.RunAsync(
            _directory.FullName, "", "--urls=http://127.0.0.1:0", $"--Database:Path={Database}");

        Assert.Equal(1, refused.ExitCode);
        Assert.Equal(
            $"Kaffediem cannot start: {Keys} must be a folder that this user can write keys to.\n", refused.Error);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static IDataProtector Protector(KaffediemServer server) =>
        server.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    private KaffediemServer Start() =>
        KaffediemServer.Start(new ServerSetup { Environment = "Production", DatabasePath = Database });
}
