using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>Addresses that the operating system refuses, and Unix sockets that are there already.</summary>
[SupportedOSPlatform("linux")]
public sealed class ListenTests : IDisposable
{
    private readonly FailedStart _start = new();

    private string Socket => _start.PathOf("kaffediem.sock");

    // The shells of ServerProcess, without the right to a port below 1024.
    private const string WithoutPorts =
        """
        [ "$(id -u)" != 0 ] || exec setpriv --bounding-set=-net_bind_service "$@"; exec "$@"
        """;

    [Fact]
    public async Task A_port_that_is_not_a_number_ends_the_program()
    {
        var line = await _start.RunInShellAsync($"export PORT=abc; {ServerProcess.AsItIs}", "--urls=");

        Assert.StartsWith("PORT: 'abc' is not a port", line, StringComparison.Ordinal);
        _start.AssertNothingWasMade();
    }

    [Fact]
    public async Task An_address_of_another_machine()
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
    public async Task A_port_that_needs_a_right_this_user_lacks(string host)
    {
        var firstFree = await File.ReadAllTextAsync(
            "/proc/sys/net/ipv4/ip_unprivileged_port_start", TestContext.Current.CancellationToken);
        Assert.SkipWhen(int.Parse(firstFree, CultureInfo.InvariantCulture) <= 1, "Every user may listen on port 1.");

        var line = await _start.RunInShellAsync(WithoutPorts, $"--urls=http://{host}:1");

        Assert.StartsWith("This user may not listen on ", line, StringComparison.Ordinal);
        Assert.Contains(":1: a port below 1024 needs root", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_socket_of_a_killed_server_is_replaced()
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
    public async Task The_socket_of_a_process_that_lives_is_left_alone()
    {
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(Socket));
        // Even of one that accepts nothing, and has no room for another connection.
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
    public async Task What_is_not_a_socket_is_left_alone(string kind)
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
    public async Task A_socket_in_a_folder_that_does_not_exist()
    {
        var line = await _start.RunAsync($"--urls=http://unix:{_start.PathOf("missing/kaffediem.sock")}");

        Assert.Contains("kaffediem.sock cannot be created: does its folder exist", line, StringComparison.Ordinal);
    }

    public void Dispose() => _start.Dispose();

    // A process that ends without closing it leaves it behind.
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
