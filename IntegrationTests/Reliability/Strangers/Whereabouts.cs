namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>From where attackers come.</summary>
public enum Whereabouts
{
    /// <summary>One address, which is not the shop's.</summary>
    OneAddress,

    /// <summary>Six addresses.</summary>
    SixAddresses,

    /// <summary>One /64 network of IPv6, behind the shop's proxy: another address for every connection.</summary>
    Network,

    /// <summary>The shop's own address: guests on its Wi-Fi.</summary>
    ShopsAddress,

    /// <summary>A machine in the network of the proxies, which claims another address with each request.</summary>
    ProxyNetwork,
}
