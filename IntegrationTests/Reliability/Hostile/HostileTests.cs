using System.Diagnostics;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>
/// docs/design.md, "What must always be true": one client hurts only itself. Everything that a hostile client may do to
/// a server, beside honest clients that are served meanwhile: none of them is disconnected, delayed, misses a change or
/// has a write refused. Afterwards the server holds no resources of the attack.
/// </summary>
[Experiment("Hostile")]
public sealed class HostileTests(ITestOutputHelper output)
{
    // The runtime opens and closes handles of its own, for threads and timers.
    private const int HandlesOfTheRuntime = 40;

    private static IEnumerable<HostileAttack> Attacks =>
        [
            .. SlowAttacks.All, .. FrameAttacks.All, .. FloodAttacks.All, .. BodyAttacks.All, .. RequestAttacks.All,
            .. IdentityAttacks.All,
        ];

    [Fact]
    public async Task Hostile_clients_are_answered_and_honest_ones_are_not_affected()
    {
        output.WriteLine(TestSettings.Repeat);
        await using var company = await HonestCompany.StartAsync(TestSettings.Seed);
        var handles = Handles(company);
        var slow = Attacks.Where(attack => attack.IsSlow).Select(attack => TryAsync(attack, company)).ToList();
        List<string?> failures = [];
        foreach (var attack in Attacks.Where(attack => !attack.IsSlow))
        {
            failures.Add(await TryAsync(attack, company));
        }

        failures.AddRange(await Task.WhenAll(slow));
        Assert.True(failures.TrueForAll(failure => failure is null), string.Join('\n', failures.OfType<string>()));
        await Polling.UntilAsync(() => Handles(company) <= handles + HandlesOfTheRuntime);
        using var client = company.Server.CreateClient();
        (await client.GetAsync("/health/ready")).Is(200, """{"status":"ok","reasons":[]}""");
        var changes = await company.EndAsync();
        company.Verify();
        output.WriteLine(
            $"{company.Written} writes of the tills, last change {changes}, served {company.Served} times; "
            + $"handles {handles}, now {Handles(company)}; {ProcessState.Read(company.Server.Id).Resident >> 20} MB");
    }

    private async Task<string?> TryAsync(HostileAttack attack, HonestCompany company)
    {
        var (time, served) = (Stopwatch.StartNew(), company.Served);
        string? failure = null;
        try
        {
            await attack.CommitAsync(company);
            company.Verify();
            Assert.True(company.Served > served, "The honest ones were not served meanwhile.");
        }
        catch (Exception exception)
        {
            failure = $"{attack.Name}: {exception.Message}";
        }

        output.WriteLine($"{time.Elapsed.TotalSeconds,5:F1} s | {attack.Name} | {attack.Answer} | {failure ?? "ok"}");
        return failure;
    }

    private static int Handles(HonestCompany company) => ProcessState.Read(company.Server.Id).Handles;
}
