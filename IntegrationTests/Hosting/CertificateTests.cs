using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>A server that is configured for https with a missing or unusable certificate.</summary>
public sealed class CertificateTests : IDisposable
{
    private const string Https = "--urls=https://127.0.0.1:0";
    private const string Setting = "Kestrel:Certificates:Default";
    private readonly FailedStart _start = new();

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Https)]
    [InlineData("--Kestrel:Endpoints:Web:Url=https://127.0.0.1:0")]
    public async Task Missing_certificate_is_reported(string address)
    {
        // The home folder may hold the developer certificate of the person who runs the tests.
        var line = await _start.RunInShellAsync("export HOME=/nowhere; exec \"$@\"", address);

        Assert.StartsWith($"https needs a certificate, and none is set: {Setting}", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_file_is_reported()
    {
        var line = await _start.RunAsync(Https, $"--{Setting}:Path=missing.pem");

        Assert.StartsWith($"{Setting}:Path: Could not find file", line, StringComparison.Ordinal);
        Assert.Contains("missing.pem", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cert.pem", "", "private key")]
    [InlineData("cert.pem", "KeyPath=cert.pem", "")]
    [InlineData("cert.pfx", "Password=wrong", "the password may be incorrect")]
    [InlineData("key.pem", "", "")]
    public async Task Unusable_file_is_reported_with_the_reason(string file, string option, string reason)
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var pfx = certificate.Export(X509ContentType.Pfx, "right");
        await File.WriteAllTextAsync(_start.PathOf("cert.pem"), certificate.ExportCertificatePem(), CancellationToken);
        await File.WriteAllTextAsync(_start.PathOf("key.pem"), key.ExportECPrivateKeyPem(), CancellationToken);
        await File.WriteAllBytesAsync(_start.PathOf("cert.pfx"), pfx, CancellationToken);
        string[] options = option.Length == 0 ? [] : [$"--{Setting}:{option}"];

        var line = await _start.RunAsync([Https, $"--{Setting}:Path={file}", .. options]);

        Assert.StartsWith($"{Setting} ({file}) cannot be used: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
    }

    public void Dispose() => _start.Dispose();
}
