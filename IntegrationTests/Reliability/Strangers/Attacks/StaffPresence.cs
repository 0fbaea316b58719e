using Kaffediem.IntegrationTests.Reliability.Hostile;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>One customer's sockets, all of which want to be seen among the staff.</summary>
internal sealed class StaffPresence : IAttack
{
    private const int Sockets = 1000;

    public string Name => "a customer's sockets among the staff";

    public async Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        var lines = new List<RawLine>();
        List<Task> reading = [];
        for (var i = 0; i < Sockets && !stop.IsCancellationRequested; i++)
        {
            var attacker = attackers[i % attackers.Count];
            if (await attacker.OpenSocketAsync(stop, $"Cookie: {shop.CustomerCookie}") is { } line)
            {
                lines.Add(line);
                await Attacker.TrySendAsync(line, """["1","1","presence:staff","phx_join",{"screen":"mine"}]""");
                reading.Add(Attacker.IsDoneAsync(() => line.DrainAsync(stop)));
            }
        }

        await Task.WhenAny(Task.Delay(Timeout.Infinite, stop));
        lines.ForEach(line => line.HangUp());
        await Task.WhenAll(reading);
    }
}
