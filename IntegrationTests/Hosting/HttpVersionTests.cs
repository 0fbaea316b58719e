using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kaffediem.IntegrationTests.Reliability;
using Kaffediem.IntegrationTests.Reliability.Hostile;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>By default the server speaks HTTP/1.1 only, with and without TLS.</summary>
public sealed class HttpVersionTests : IDisposable
{
    private const string Certificate = "--Kestrel:Certificates:Default";
    private const string Request = "GET /health HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n";

    private readonly ShopFolder _shop = ShopFolder.WithSample();

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_that_offers_both_versions_over_TLS_gets_HTTP_1()
    {
        using var server = await ServeOverTlsAsync();

        using var tls = await ConnectAsync(server, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11);

        Assert.Equal(SslApplicationProtocol.Http11, tls.NegotiatedApplicationProtocol);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"{Request}\r\n"), CancellationToken);
        using var reader = new StreamReader(tls);
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync(CancellationToken));
    }

    [Fact]
    public async Task Client_that_offers_only_HTTP_2_over_TLS_is_refused()
    {
        using var server = await ServeOverTlsAsync();

        await Assert.ThrowsAnyAsync<AuthenticationException>(() => ConnectAsync(server, SslApplicationProtocol.Http2));
    }

    [Theory]
    // With prior knowledge (RFC 9113 §3.3): GOAWAY with the reason HTTP_1_1_REQUIRED (§6.8, §7).
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\b\a\0\0\0\0\0\0\0\0\0\0\0\0\r")]
    [InlineData(Request + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAA\r\n\r\n", "HTTP/1.1 200 ")] // RFC 7540 §3.2
    public async Task HTTP_2_is_not_spoken_without_TLS(string request, string answer)
    {
        using var server = await _shop.ServeAsync();

        Assert.StartsWith(answer, await RawLine.ExchangeAsync(server.BaseAddress, request), StringComparison.Ordinal);
    }

    public void Dispose() => _shop.Dispose();

    private Task<ServerProcess> ServeOverTlsAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var (path, keyPath) = (_shop.PathOf("tls.pem"), _shop.PathOf("tls.key"));
        File.WriteAllText(path, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        return _shop.ServeAsync(
            ServerProcess.AsItIs,
            "--urls=https://127.0.0.1:0",
            $"{Certificate}:Path={path}",
            $"{Certificate}:KeyPath={keyPath}");
    }

    private static async Task<SslStream> ConnectAsync(ServerProcess server, params SslApplicationProtocol[] offered)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server.BaseAddress.Host, server.BaseAddress.Port, CancellationToken);
        var tls = new SslStream(tcp.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            ApplicationProtocols = [.. offered],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost",
        };
        await tls.AuthenticateAsClientAsync(options, CancellationToken);
        return tls;
    }
}
