using System.Security.Cryptography;

namespace Kaffediem.Server.Hosting;

/// <summary>Names the certificate that keeps the server from starting, which the framework does not.</summary>
internal static class CertificateFault
{
    private const string HowTo =
        "Kestrel:Certificates:Default:Path and KeyPath name PEM files, Path and Password a PFX file.";

    /// <summary>The fault in one line; <c>null</c> if the exception has another cause.</summary>
    public static string? Describe(IHostEnvironment environment, IConfiguration configuration, Exception exception)
    {
        var certificates = FindAll(configuration).Where(section => section["Path"] is not null).ToArray();
        return exception switch
        {
            IOException or UnauthorizedAccessException => FindUnreadable(environment, certificates),
            CryptographicException or NotSupportedException or ArgumentException when certificates.Length > 0 =>
                $"{string.Join(" or ", certificates.Select(Name))} cannot be used: {exception.Message} {HowTo}",
            InvalidOperationException when certificates.Length == 0 && Addresses.AnyHttps(configuration) =>
                $"https needs a certificate, and none is set: {HowTo}",
            _ => null,
        };
    }

    private static IEnumerable<IConfigurationSection> FindAll(IConfiguration configuration) =>
        configuration.GetSection("Kestrel:Certificates").GetChildren()
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().SelectMany(OfEndpoint));

    private static IEnumerable<IConfigurationSection> OfEndpoint(IConfigurationSection endpoint) =>
        endpoint.GetSection("Sni").GetChildren().Prepend(endpoint).Select(section => section.GetSection("Certificate"));

    private static string? FindUnreadable(IHostEnvironment environment, IConfigurationSection[] certificates) =>
        certificates.SelectMany(section => new[] { section.GetSection("Path"), section.GetSection("KeyPath") })
            .Select(setting => setting.Value is { } file
                ? RefuseFile(setting.Path, Path.Combine(environment.ContentRootPath, file))
                : null)
            .FirstOrDefault(reason => reason is not null);

    private static string? RefuseFile(string setting, string path)
    {
        try
        {
            File.OpenRead(path).Dispose();
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{setting}: {exception.Message}";
        }
    }

    private static string Name(IConfigurationSection section) => $"{section.Path} ({section["Path"]})";
}
