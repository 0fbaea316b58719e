using System.Diagnostics;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>
/// docs/design.md, "What must always be true": one client hurts only itself. Everything that a hostile client
/// may do to a server, with honest ones beside it, who are served while it is under way: nobody honest is disconnected,
/// waits for the hostile one, misses a change or has a write refused. Afterwards the server has nothing left of it.
/// </summary>
[Experiment("Hostile")]
public sealed class HostileTests(ITestOutputHelper output)
{
    // Of the runtime's own: threads' and timers' handles come and go.
    private const int HandlesOfTheRuntime = 40;

    private static IEnumerable<HostileAct> Acts =>
        [.. SlowActs.All, .. FrameActs.All, .. FloodActs.All, .. BodyActs.All, .. RequestActs.All, .. IdentityActs.All];

    [Fact]
    public async Task Whatever_hostile_clients_do_they_are_answered_and_honest_ones_notice_nothing()
    {
        output.WriteLine(TestSettings.Repeat);
        await using var company = await HonestCompany.StartAsync(TestSettings.Seed);
        var handles = Handles(company);
        var slow = Acts.Where(act => act.IsSlow).Select(act => TryAsync(act, company)).ToList();
        List<string?> failures = [];
        foreach (var act in Acts.Where(act => !act.IsSlow))
        {
            failures.Add(await TryAsync(act, company));
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

    private async Task<string?> TryAsync(HostileAct act, HonestCompany company)
    {
        var (time, served) = (Stopwatch.StartNew(), company.Served);
        string? failure = null;
        try
        {
            await act.CommitAsync(company);
            company.Verify();
            Assert.True(company.Served > served, "The honest ones were not served meanwhile.");
        }
        catch (Exception exception)
        {
            failure = $"{act.Name}: {exception.Message}";
        }

        output.WriteLine($"{time.Elapsed.TotalSeconds,5:F1} s | {act.Name} | {act.Answer} | {failure ?? "ok"}");
        return failure;
    }

    private static int Handles(HonestCompany company) => ProcessState.Read(company.Server.Id).Handles;
}
