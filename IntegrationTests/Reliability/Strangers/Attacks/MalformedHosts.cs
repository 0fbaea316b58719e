namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Requests that are malformed in ways that the framework finds out late.</summary>
internal sealed class MalformedHosts : IAttack
{
    private const int AtOnce = 4;

    private static readonly (string RequestLine, string[] Lines, string Body)[] Requests =
    [
        ($"GET {Items}", ["Host: .&"], ""),
        ($"GET {Items}", ["Host: xn--"], ""),
        ("GET /", ["Host: xn--"], ""),
        ("POST /api/session", ["Content-Type: application/x-www-form-urlencoded; "
            + "charset=utf-7", "Content-Length: 7"], "email=a"),
        ("POST /api/session", ["Content-Type: application/json; charset=utf-7", "Content-Length: 2"], "{}"),
    ];

    private const string Items = "/api/collections/item/records";

    private int _serial;

    public string Name => "malformed hosts and charsets";

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(AtOnce, () => AskAsync(attacker, stop), stop)));

    public void Verify(AttackedShop shop, Answers answers) => Assert.True(answers.Of(400) > 0, $"{answers}");

    private async Task AskAsync(Attacker attacker, CancellationToken stop)
    {
        var (requestLine, lines, body) = Requests[(uint)Interlocked.Increment(ref _serial) % Requests.Length];
        using var line = await attacker.SendAsync(requestLine, lines);
        if (line is not null && await Attacker.IsDoneAsync(() => line.SendAsync(body)))
        {
            await attacker.ReadStatusAsync(line, stop);
            line.HangUp();
        }
    }
}
