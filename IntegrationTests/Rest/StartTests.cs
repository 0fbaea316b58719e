using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Kaffediem.IntegrationTests.Rest;

/// <summary>The program as it is started: what it says, and what it says when it cannot start.</summary>
public sealed class StartTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kaffediem-");

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Development", "admin@kaffediem.test / kaffediem")]
    [InlineData("Production", "user add <e-mail> --admin")]
    public async Task A_start_says_where_it_listens_where_the_data_is_and_how_to_sign_in(string environment, string signIn)
    {
        using var process = Start($"--environment={environment}");
        try
        {
            var report = await ReadUntilAsync(process.StandardOutput, "Signing in: ");

            Assert.Contains("Kaffediem listens on http://127.0.0.1:", report, StringComparison.Ordinal);
            Assert.Contains($"Data: {_directory}/kaffediem.db (new;", report, StringComparison.Ordinal);
            Assert.Contains(signIn, report, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken);
        }
    }

    [Theory]
    [InlineData("--Auth:Writes=Perhaps", "'Perhaps' at 'Auth:Writes'")]
    [InlineData("--Auth:Writes=7", "Writes")]
    [InlineData("--Auth:AttemptsPerAccount=0", "AttemptsPerAccount")]
    [InlineData("--Auth:AttemptMinutes=soon", "'soon' at 'Auth:AttemptMinutes'")]
    [InlineData("--Proxies=10.0.0.1,nginx", "'nginx' is neither an address")]
    [InlineData("--Cors:Origins:0=https://a.example/", "'https://a.example/' is not an origin")]
    [InlineData("--Cors:Origins=https://a.example,file://", "Cors:Origins: 'file://' is not an origin such as https://shop.example: it has no host.")]
    [InlineData("--Cors:Origins=https://me:x@a.example", "it must not contain a user")]
    [InlineData("--Cors:Origins=https://a.example?x", "nothing may follow the host and port")]
    [InlineData("--Cors:Origins=https://*.a.example", "it must name one host, without a wildcard")]
    [InlineData("--Cors:Origins=*", "it must begin with a scheme such as https://")]
    [InlineData("--Cors:Origins=wss://a.example", "pages have the scheme http or https")]
    [InlineData("--PublicUrl=https://shop,example", "PublicUrl: 'https://shop,example' is not an address")]
    [InlineData("--Database:MaxBatch=0", "MaxBatch")]
    [InlineData("--Database:ReadConnections=many", "'many' at 'Database:ReadConnections'")]
    [InlineData("--PublicUrl=api.shop.example", "PublicUrl: 'api.shop.example' is not an address")]
    [InlineData("--Images:MaxBytes=0", "MaxBytes")]
    [InlineData("--Images:MaxBytes=5MB", "'5MB' at 'Images:MaxBytes'")]
    [InlineData("--Menu:CoalesceMs=-1", "CoalesceMs")]
    [InlineData("--Orders:TimeZone=Kaffe/Bar", "\"Kaffe/Bar\" is not a time zone")]
    [InlineData("--Database:KeepChanges=0", "KeepChanges")]
    [InlineData("--Database:KeepChangesFor=00:00:01", "KeepChangesFor")]
    [InlineData("--urls=nonsense", "nonsense")]
    [InlineData("--Database:Path=/proc/none/kaffediem.db", "/proc/none")]
    public async Task A_bad_setting_stops_the_start_with_one_line(string argument, string reason)
    {
        using var process = Start(argument);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(CancellationToken);
        await process.WaitForExitAsync(CancellationToken);

        Assert.Equal(1, process.ExitCode);
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("Kaffediem cannot start: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", await output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_as_that_and_not_as_failures_of_other_parts()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var process = Start($"--urls=http://{taken.LocalEndpoint}");
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(CancellationToken);
        await process.WaitForExitAsync(CancellationToken);

        Assert.Equal(1, process.ExitCode);
        Assert.Contains("already in use", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("BackgroundService", await output, StringComparison.Ordinal);
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
