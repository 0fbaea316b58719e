using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>The lines that the program prints when it starts, and when it cannot.</summary>
public sealed class StartTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kaffediem-");

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        "Development", "admin@kaffediem.test / kaffediem", "and of http://localhost:5173, http://127.0.0.1:5173")]
    [InlineData("Production", "user add <e-mail> --admin", "only; add others to the setting Cors:Origins")]
    [InlineData("Staging", "user add <e-mail> --admin", "only; add others to the setting Cors:Origins")]
    public async Task Start_logs_the_addresses_the_data_folder_how_to_sign_in_and_the_allowed_pages(
        string environment, string signIn, string frontEnds)
    {
        using var process = Start($"--environment={environment}");
        try
        {
            var report = await ReadUntilAsync(process.StandardOutput, "Signing in: ");

            Assert.Contains("Kaffediem listens on http://127.0.0.1:", report, StringComparison.Ordinal);
            Assert.Contains($"Data: {_directory}/kaffediem.db (new;", report, StringComparison.Ordinal);
            Assert.Contains(signIn, report, StringComparison.Ordinal);
            Assert.Contains(
                $"Front ends: pages of the server's own address {frontEnds}", report, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken);
        }
    }

    [Fact]
    public async Task Port_in_use_is_reported_in_one_line_without_a_logged_failure()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var process = Start($"--urls=http://{taken.LocalEndpoint}");
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(CancellationToken);
        await process.WaitForExitAsync(CancellationToken);

        Assert.Equal(1, process.ExitCode);
        Assert.Contains("already in use", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", await output, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static async Task<string> ReadUntilAsync(StreamReader output, string text)
    {
        var read = "";
        while (!read.Contains(text, StringComparison.Ordinal))
        {
            read += await output.ReadLineAsync(CancellationToken) ?? throw new EndOfStreamException(read);
        }

        return read;
    }

    private Process Start(string argument)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Kaffediem.Server.dll");
        var database = $"--Database:Path={_directory}/kaffediem.db";
        return Process.Start(new ProcessStartInfo("dotnet", [program, "--urls=http://127.0.0.1:0", database, argument])
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
    }
}
