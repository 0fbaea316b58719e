using System.Globalization;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>
/// Event streams whose clients hang up at once, each with a list of orders that has to be read from the database.
/// </summary>
internal sealed class EventStreamsHungUp : IAttack
{
    private const int AtOnce = 200;
    private const int StepSeconds = 397;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.3);
    private static readonly DateTime LastYear = DateTime.UtcNow.Date.AddYears(-1);

    private int _serial;

    public string Name => "event streams from different dates, hung up";

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(
            AtOnce / attackers.Count, () => AskAsync(attacker, stop), stop)));

    private async Task AskAsync(Attacker attacker, CancellationToken stop)
    {
        var date = LastYear.AddSeconds(
            Interlocked.Increment(ref _serial) * StepSeconds % TimeSpan.FromDays(360).TotalSeconds);
        var text = date.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var line = await attacker.SendAsync($"GET /api/events?collections=order&from_date={text}");
        await Task.WhenAny(Task.Delay(Patience, stop));
        line?.HangUp();
    }
}
