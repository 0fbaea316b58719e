using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Kaffediem.IntegrationTests.Reliability;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>Addresses that the operating system refuses, and Unix sockets that exist already.</summary>
[SupportedOSPlatform("linux")]
public sealed class ListenTests : IDisposable
{
    private readonly FailedStart _start = new();

    private string Socket => _start.PathOf("kaffediem.sock");

    // As the shells of ServerProcess, but without the right to ports below 1024.
    private const string WithoutPorts =
        """
        [ "$(id -u)" != 0 ] || exec setpriv --bounding-set=-net_bind_service "$@"; exec "$@"
        """;

    [Fact]
    public async Task Port_that_is_not_a_number_ends_the_program()
    {
        var line = await _start.RunInShellAsync($"export PORT=abc; {ServerProcess.AsItIs}", "--urls=");

        Assert.StartsWith("PORT: 'abc' is not a port", line, StringComparison.Ordinal);
        _start.AssertNothingWasMade();
    }

    [Fact]
    public async Task Address_of_another_machine_is_refused()
    {
        // RFC 5737 §3: 192.0.2.0/24 is for documentation.
        var line = await _start.RunAsync("--urls=http://127.0.0.1:0;http://192.0.2.1:4000");

        Assert.Equal(
            "The server cannot listen on 192.0.2.1:4000: 192.0.2.1 is not an address of this machine (urls).", line);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("*")]
    public async Task Port_below_1024_is_refused_without_the_right_to_it(string host)
    {
        var firstFree = await File.ReadAllTextAsync(
            "/proc/sys/net/ipv4/ip_unprivileged_port_start", TestContext.Current.CancellationToken);
        Assert.SkipWhen(int.Parse(firstFree, CultureInfo.InvariantCulture) <= 1, "Every user may listen on port 1.");

        var line = await _start.RunInShellAsync(WithoutPorts, $"--urls=http://{host}:1");

        Assert.StartsWith("This user may not listen on ", line, StringComparison.Ordinal);
        Assert.Contains(":1: a port below 1024 needs root", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Socket_of_a_killed_server_is_replaced()
    {
        using var shop = new ShopFolder();
        var urls = $"--urls=http://unix:{Socket}";
        using (var killed = await ServerProcess.StartAsync(shop.Database, settings: urls))
        {
            await killed.KillAsync();
        }

        Assert.True(File.Exists(Socket));
        using var server = await ServerProcess.StartAsync(shop.Database, settings: urls);

        Assert.Contains("\"ok\"", await GetHealthAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
        Assert.False(File.Exists(Socket));
    }

    [Fact]
    public async Task Socket_of_a_running_process_is_not_replaced()
    {
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(Socket));
        // Not even when that process accepts nothing and its backlog has no room for another connection.
        other.Listen(0);
        using var waiting = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await waiting.ConnectAsync(new UnixDomainSocketEndPoint(Socket), TestContext.Current.CancellationToken);

        var line = await _start.RunAsync($"--urls=http://unix:{Socket}");

        Assert.Equal($"Another process listens on the socket {Socket} (urls).", line);
        Assert.True(File.Exists(Socket));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("link")]
    [InlineData("pipe")]
    public async Task Other_kinds_of_files_are_not_replaced(string kind)
    {
        await File.WriteAllTextAsync(_start.PathOf("notes.txt"), "Buy milk.", TestContext.Current.CancellationToken);
        switch (kind)
        {
            case "file":
                File.Move(_start.PathOf("notes.txt"), Socket);
                break;
            case "link":
                File.CreateSymbolicLink(Socket, DeadSocket());
                break;
            default:
                using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [Socket]))
                {
                    await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
                }

                break;
        }

        var line = await _start.RunAsync($"--urls=http://unix:{Socket}");

        Assert.Equal($"{Socket} exists and is not a socket, so the server does not replace it (urls).", line);
        Assert.True(new FileInfo(Socket).Exists);
    }

    [Fact]
    public async Task Socket_in_a_missing_folder_is_refused()
    {
        var line = await _start.RunAsync($"--urls=http://unix:{_start.PathOf("missing/kaffediem.sock")}");

        Assert.Contains("kaffediem.sock cannot be created: does its folder exist", line, StringComparison.Ordinal);
    }

    public void Dispose() => _start.Dispose();

    // A process that ends without closing its socket leaves the file behind.
    private string DeadSocket()
    {
        var path = _start.PathOf("dead.sock");
        using var python = System.Diagnostics.Process.Start(
            "python3", ["-c", "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", path]);
        python.WaitForExit();
        Assert.Equal(0, python.ExitCode);
        return path;
    }

    private async Task<string> GetHealthAsync()
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        return await client.GetStringAsync(new Uri("http://localhost/health"), TestContext.Current.CancellationToken);
    }
}
