using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Kaffediem.IntegrationTests.Docs;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Proxies;

/// <summary>
/// The real nginx or HAProxy in front of a server, configured with the block of the guide. Only ports and paths are
/// replaced, and compression is on for everything.
/// </summary>
internal sealed class ReverseProxy : IDisposable
{
    private const string Guide = "docs/migrating-from-kaffebase.md";
    private const string Certificates = "/etc/letsencrypt/live/api.shop.example/";

    private static readonly string[] NginxModules = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-proxy-");
    private readonly int _port = FreePort.Pick(new SeededRandom((ulong)Environment.TickCount64));
    private Process? _process;

    private ReverseProxy()
    {
    }

    /// <summary>The address at which browsers reach the proxy.</summary>
    public Uri Address => new($"https://127.0.0.1:{_port}");

    /// <summary>Starts a proxy, or skips the test if its program is missing.</summary>
    /// <param name="name"><c>nginx</c> or <c>haproxy</c>.</param>
    /// <param name="upstream">The server, for example <c>127.0.0.1:4000</c> or <c>unix:/run/kaffediem.sock</c>.</param>
    public static async Task<ReverseProxy> StartAsync(string name, string upstream)
    {
        var program = $"/usr/sbin/{name}";
        if (!File.Exists(program))
        {
            var reason = $"{program} is missing: install Debian's packages nginx-light and haproxy to test behind them";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", reason);
            Assert.Skip(reason);
        }

        var proxy = new ReverseProxy();
        try
        {
            proxy.Start(program, name, upstream);
            await proxy.ListenAsync();
            return proxy;
        }
        catch
        {
            proxy.Dispose();
            throw;
        }
    }

    /// <summary>A browser that trusts the proxy's certificate.</summary>
    /// <param name="from">The browser's own address, on this machine.</param>
    /// <param name="decompression">The codings that the browser decompresses itself.</param>
    public HttpClient CreateClient(
        string from = "127.0.0.1", DecompressionMethods decompression = DecompressionMethods.GZip)
    {
        var handler = RestClient.HandlerFrom(IPAddress.Parse(from));
        handler.AutomaticDecompression = decompression;
        handler.SslOptions.RemoteCertificateValidationCallback =
            (_, offered, _, _) => offered?.Subject == "CN=localhost";
        return new HttpClient(handler) { BaseAddress = Address };
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Start(string program, string name, string upstream)
    {
        var config = Path.Combine(_folder.FullName, "proxy.conf");
        var block = string.Join('\n', DocExample.ReadAll(Guide).Single(example => example.Language == name).Lines);
        File.WriteAllText(config, name == "nginx" ? Nginx(block, upstream) : HAProxy(block, upstream));
        string[] arguments = name == "nginx"
            ? ["-p", _folder.FullName, "-e", "stderr", "-c", config]
            : ["-f", config, "-db"];
        _process = Process.Start(program, arguments);
    }

    private string Nginx(string block, string upstream)
    {
        var temporary = string.Concat(NginxModules.Select(module => $"{module}_temp_path {_folder.FullName};\n"));
        return $$"""
            daemon off;
            master_process off;
            pid {{_folder.FullName}}/pid;
            events { }
            http {
            access_log off;
            gzip on;
            gzip_min_length 1;
            gzip_proxied any;
            gzip_types text/event-stream application/json text/plain;
            {{temporary}}
            {{block
                .Replace("443 ssl", $"127.0.0.1:{_port} ssl", StringComparison.Ordinal)
                .Replace("http://127.0.0.1:4000", $"http://{upstream}", StringComparison.Ordinal)
                .Replace(Certificates + "fullchain.pem", WriteCertificate(), StringComparison.Ordinal)
                .Replace(Certificates + "privkey.pem", WriteCertificate(), StringComparison.Ordinal)}}
            }
            """;
    }

    private string HAProxy(string block, string upstream) => block
        .Replace("bind :443", $"bind 127.0.0.1:{_port}", StringComparison.Ordinal)
        .Replace("127.0.0.1:4000", upstream, StringComparison.Ordinal)
        .Replace("/etc/haproxy/certs/api.shop.example.pem", WriteCertificate(), StringComparison.Ordinal)
        .Replace(
            "mode http",
            "mode http\n    compression algo gzip\n    compression type text/event-stream application/json text/plain",
            StringComparison.Ordinal)
        + "\n";

    // Certificate and key in one file.
    private string WriteCertificate()
    {
        var path = Path.Combine(_folder.FullName, "certificate.pem");
        using var key = PhoenixApp.Certificate.Value.GetRSAPrivateKey()!; // made with one
        File.WriteAllText(
            path, $"{PhoenixApp.Certificate.Value.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        return path;
    }

    private Task ListenAsync() => Polling.UntilAsync(async () =>
    {
        Assert.False(_process!.HasExited, "The proxy has exited: its error is in the output above.");
        try
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    });
}
