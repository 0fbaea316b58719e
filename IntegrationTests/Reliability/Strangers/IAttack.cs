namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>Something that strangers do to a shop for as long as they like.</summary>
internal interface IAttack
{
    private const long Megabyte = 1 << 20;

    /// <summary>What the attackers do.</summary>
    string Name { get; }

    /// <summary>From where, in the quick and the full form.</summary>
    IReadOnlyList<Whereabouts> From => [Whereabouts.SixAddresses];

    /// <summary>By how many bytes the server's memory may grow beyond what it has with honest clients alone.</summary>
    long MayGrow => 256 * Megabyte;

    /// <summary>The server's environment.</summary>
    string Environment => "Production";

    /// <summary>Further settings of the server, as arguments (default: none).</summary>
    IReadOnlyList<string> Settings => [];

    /// <summary>Prepares what the attackers need to know of the shop, for example its epoch.</summary>
    Task PrepareAsync(AttackedShop shop) => Task.CompletedTask;

    /// <summary>Whether the attack has reached its full size; the measured phase lasts from then on.</summary>
    bool IsUnderWay => true;

    /// <summary>Attacks until it is stopped; then every attacker hangs up.</summary>
    Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop);

    /// <summary>Asserts what is special to this attack, after what is asserted of every attack.</summary>
    void Verify(AttackedShop shop, Answers answers)
    {
        // Most attacks are judged by what happens to the shop alone.
    }
}
