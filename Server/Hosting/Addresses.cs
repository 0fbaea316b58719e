using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// The addresses that the server listens on. They are checked here, because Kestrel reads a port that is not a number
/// as part of a host name, and then listens on port 80 of all interfaces.
/// </summary>
internal static class Addresses
{
    public const string Default = "http://localhost:4000";

    private const string Urls = "urls";

    private static readonly string[] Schemes = [Uri.UriSchemeHttp, Uri.UriSchemeHttps];

    // Each is a list of ports, separated by semicolons, on all interfaces.
    private static readonly string[] PortLists = [WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];

    /// <summary>Sets the default address where none is set.</summary>
    /// <exception cref="StartException">An address that is set is malformed.</exception>
    public static void AddAddress(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (!IsAnySet(configuration))
        {
            builder.WebHost.UseUrls(DefaultFor(configuration["PORT"], builder.Environment.IsDevelopment()));
        }

        foreach (var (setting, url) in ReadAll(configuration))
        {
            if (Refuse(url) is { } reason)
            {
                throw new StartException($"{setting}: '{url}' {reason}");
            }
        }

        foreach (var list in PortLists)
        {
            Array.ForEach(Split(configuration[list]), port => CheckPort(list, port));
        }
    }

    /// <summary>Whether an address uses TLS.</summary>
    public static bool AnyHttps(IConfiguration configuration) =>
        Split(configuration[WebHostDefaults.HttpsPortsKey]).Length > 0
        || ReadAll(configuration).Any(address => address.Url.StartsWith("https:", StringComparison.OrdinalIgnoreCase));

    /// <summary>The addresses with a host name, for which Kestrel listens on all interfaces.</summary>
    public static IEnumerable<(string Setting, string Url)> FindNamedHosts(IConfiguration configuration) =>
        from address in ReadAll(configuration)
        let binding = BindingAddress.Parse(address.Url)
        where !binding.IsUnixPipe && !binding.IsNamedPipe && binding.Host is not ("*" or "+")
            && !IsLocalhost(binding) && !IPAddress.TryParse(binding.Host, out _)
        select address;

    private static bool IsAnySet(ConfigurationManager configuration) =>
        PortLists.Prepend(Urls).Any(name => !string.IsNullOrWhiteSpace(configuration[name]))
        || configuration.GetSection("Kestrel:Endpoints").Exists();

    private static string DefaultFor(string? port, bool isDevelopment)
    {
        if (string.IsNullOrWhiteSpace(port))
        {
            return Default;
        }

        CheckPort("PORT", port);
        return isDevelopment ? $"http://localhost:{port.Trim()}" : $"http://*:{port.Trim()}";
    }

    private static IEnumerable<(string Setting, string Url)> ReadAll(IConfiguration configuration) =>
        Split(configuration[Urls]).Select(url => (Urls, url))
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren()
                // Kestrel itself reports a missing address.
                .Where(endpoint => endpoint["Url"] is not null)
                .Select(endpoint => ($"{endpoint.Path}:Url", endpoint["Url"]!)));

    private static string[] Split(string? list) =>
        list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static void CheckPort(string setting, string text)
    {
        if (!ushort.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw new StartException(
                $"{setting}: '{text}' is not a port: a whole number from 1 to 65535, or 0 for a free one.");
        }
    }

    private static string? Refuse(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return $"is not an address such as {Default}.";
        }

        return address switch
        {
            _ when !Schemes.Contains(address.Scheme, StringComparer.OrdinalIgnoreCase) =>
                "begins with neither http:// nor https://.",
            { IsUnixPipe: true } => RefuseSocket(address.UnixPipePath),
            { IsNamedPipe: true } => OperatingSystem.IsWindows() ? null : "is a named pipe, which only Windows has.",
            { PathBase.Length: > 0 } => $"has a path, {address.PathBase}: the server answers at the root only.",
            { Port: < 0 or > ushort.MaxValue } => "has a port that is not from 0 to 65535.",
            _ when HasBrokenPort(address.Host) => "has a port that is not a number.",
            { Port: 0 } when IsLocalhost(address) =>
                "asks for a free port, which localhost cannot give: write 127.0.0.1 or [::1] instead.",
            _ => null,
        };
    }

    // "localhost:abc": a colon is left only where what follows it is not a number.
    private static bool HasBrokenPort(string host) =>
        host.Contains(':') && !(host is ['[', .., ']'] && IPAddress.TryParse(host, out _));

    private static bool IsLocalhost(BindingAddress address) =>
        address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static string? RefuseSocket(string path)
    {
        try
        {
            _ = new UnixDomainSocketEndPoint(path);
            return null;
        }
        catch (ArgumentOutOfRangeException)
        {
            return "has a path that is too long for a Unix socket: the system allows about 107 bytes.";
        }
    }
}
