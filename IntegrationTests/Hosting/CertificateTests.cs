using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>A server that is to answer over https, and whose certificate is of no use.</summary>
public sealed class CertificateTests : IDisposable
{
    private const string Https = "--urls=https://127.0.0.1:0";
    private const string Setting = "Kestrel:Certificates:Default";
    private readonly FailedStart _start = new();

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Https)]
    [InlineData("--Kestrel:Endpoints:Web:Url=https://127.0.0.1:0")]
    public async Task None(string address)
    {
        // The developer certificate of whoever runs the tests lies in the home folder.
        var line = await _start.RunInShellAsync("export HOME=/nowhere; exec \"$@\"", address);

        Assert.StartsWith($"https needs a certificate, and none is set: {Setting}", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_does_not_exist()
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
    public async Task A_file_of_no_use(string file, string option, string reason)
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
