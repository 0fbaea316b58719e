using System.Net;
using System.Net.NetworkInformation;
using Kaffediem.Protocol;
using Kaffediem.Server.Pipeline;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Kaffediem.Server.Images;

/// <summary>
/// Limits the names of this server with which image addresses begin. Each client is sent the name that it used itself,
/// and every change of the menu is encoded once for each name. A client that invents names could make the server do so
/// thousands of times. The names in the settings and those of the machine are always allowed. Only a few others are at
/// a time: first come, first served, and a part of them for each address. Further clients get relative addresses.
/// </summary>
internal sealed partial class ImageHosts(
    ImageOptions options,
    CrossOriginOptions crossOrigin,
    IConfiguration configuration,
    IServer server,
    TimeProvider time,
    ILogger<ImageHosts> logger)
{
    // The clients behind one router may know the server by several names, but not by this many.
    private const int AddressesShare = 8;

    private readonly LogThrottle _throttle = new(time);

    // Guards both, for one look and one change.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Name> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<IPAddress, int> _byNetwork = [];

    // Found at the first connection: by then the server knows where it listens.
    private HashSet<string> Known => field ??= [.. FindKnown()];

    private int MaxPerNetwork => Math.Max(1, options.MaxHosts / AddressesShare);

    /// <summary>Holds a name for a connection, until it is disposed of.</summary>
    /// <param name="baseUrl">The beginning of the images' addresses; see <see cref="ImageUrls"/>.</param>
    /// <param name="address">The client's address.</param>
    /// <param name="isTrusted">Whether any name is allowed: an administrator does not invent them.</param>
    public ImageBase Hold(string baseUrl, IPAddress? address, bool isTrusted)
    {
        if (options.PublicUrl is not null || baseUrl.Length == 0 || Known.Contains(baseUrl))
        {
            return new ImageBase(baseUrl);
        }

        var network = ClientNetwork.Of(address) ?? IPAddress.None;
        lock (_lock)
        {
            if (_names.TryGetValue(baseUrl, out var name) || TryAdd(baseUrl, network, isTrusted, out name))
            {
                name.Connections++;
                return new ImageBase(baseUrl, () => Release(baseUrl, name));
            }
        }

        if (_throttle.Allows(out var leftOut))
        {
            Log.TooMany(logger, baseUrl, network, leftOut);
        }

        return new ImageBase("");
    }

    private bool TryAdd(string baseUrl, IPAddress network, bool isTrusted, out Name name)
    {
        name = new Name(network);
        var ofNetwork = _byNetwork.GetValueOrDefault(network);
        if (!isTrusted && (_names.Count >= options.MaxHosts || ofNetwork >= MaxPerNetwork))
        {
            return false;
        }

        _names.Add(baseUrl, name);
        _byNetwork[network] = ofNetwork + 1;
        return true;
    }

    private void Release(string baseUrl, Name name)
    {
        lock (_lock)
        {
            if (--name.Connections > 0)
            {
                return;
            }

            _names.Remove(baseUrl);
            if (--_byNetwork[name.Network] == 0)
            {
                _byNetwork.Remove(name.Network);
            }
        }
    }

    // Every host with the ports that the server listens on, and with the schemes' default ports, for a proxy in front.
    private IEnumerable<string> FindKnown()
    {
        var listening = server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(BindingAddress.Parse) ?? [];
        int[] ports = [80, 443, .. listening.Where(address => !address.IsUnixPipe).Select(address => address.Port)];
        return
            from host in FindHosts().Distinct()
            from port in ports.Distinct()
            from scheme in new[] { Uri.UriSchemeHttp, Uri.UriSchemeHttps }
            where Origin.TryParse($"{scheme}://{host}:{port}", out _)
            select Origin.Parse($"{scheme}://{host}:{port}").ToString();
    }

    private IEnumerable<string> FindHosts() =>
    [
        "localhost", Environment.MachineName, $"{Environment.MachineName}.local",
        .. NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address.ToString())
            .Select(address => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address),
        .. crossOrigin.Origins.Select(origin => Origin.Parse(origin).Host),
        .. (configuration["AllowedHosts"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries),
    ];

    private sealed class Name(IPAddress network)
    {
        public IPAddress Network => network;

        public int Connections { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "A client from {Address} that reaches this server as {Host} gets image addresses without a host: the "
            + "clients use more names than Images:MaxHosts allows. Set PublicUrl. Others since the last such line: "
            + "{LeftOut}.")]
        public static partial void TooMany(ILogger logger, ClientText host, IPAddress address, int leftOut);
    }
}

/// <summary>The beginning of the images' addresses for one connection, held until it is disposed of.</summary>
internal sealed class ImageBase(string baseUrl, Action? release = null) : IDisposable
{
    private Action? _release = release;

    /// <summary>For example <c>https://api.shop.example</c>; empty for relative addresses.</summary>
    public string BaseUrl => baseUrl;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
