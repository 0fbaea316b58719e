namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>Where attackers come from.</summary>
public enum Whereabouts
{
    /// <summary>One address, not the shop's.</summary>
    OneAddress,

    /// <summary>Six addresses.</summary>
    SixAddresses,

    /// <summary>One /64 network of IPv6, behind the shop's proxy: every connection has another address.</summary>
    Network,

    /// <summary>The shop's own address: guests on its Wi-Fi.</summary>
    ShopsAddress,

    /// <summary>A machine in the network of the proxies, which claims another address with each request.</summary>
    ProxyNetwork,
}

/// <summary>An attack on a shop, for as long as the attackers like.</summary>
internal interface IAttack
{
    private const long Megabyte = 1 << 20;

    /// <summary>What the attackers do.</summary>
    string Name { get; }

    /// <summary>Where they come from, in the quick and the full form.</summary>
    IReadOnlyList<Whereabouts> From => [Whereabouts.SixAddresses];

    /// <summary>By how many bytes the server's memory may grow beyond its size with honest clients alone.</summary>
    long MayGrow => 256 * Megabyte;

    /// <summary>The server's environment.</summary>
    string Environment => "Production";

    /// <summary>Further settings of the server, as arguments (default: none).</summary>
    IReadOnlyList<string> Settings => [];

    /// <summary>Reads what the attackers need to know of the shop, for example its epoch.</summary>
    Task PrepareAsync(AttackedShop shop) => Task.CompletedTask;

    /// <summary>Whether the attack has reached its full size; the measured phase lasts from then on.</summary>
    bool IsUnderWay => true;

    /// <summary>Attacks until it is stopped; then every attacker disconnects.</summary>
    Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop);

    /// <summary>Asserts what is special to this attack, after the general assertions.</summary>
    void Verify(AttackedShop shop, Answers answers)
    {
        // Most attacks need only the general assertions.
    }
}
