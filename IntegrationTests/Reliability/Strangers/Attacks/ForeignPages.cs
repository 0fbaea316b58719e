using Kaffediem.IntegrationTests.Shop.Servers;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>
/// Pages of another site, at the address of a front end in development, opened by a signed-in customer: they send
/// preflights, read, and write with the customer's cookie. Also checks the cookie of a sign-in over https.
/// </summary>
internal sealed class ForeignPages : IAttack
{
    private const int AtOnce = 32;
    private const string Session = "/api/session";

    private static readonly (string, string) Origin = ("Origin", "http://localhost:5173");
    private static readonly (string, string) Https = ("X-Forwarded-Proto", "https");

    private int _serial;
    private int _allowed;
    private volatile string _cookie = "";

    public string Name => "pages of another site";

    // The shop's proxy ends TLS.
    public IReadOnlyList<Whereabouts> From => [Whereabouts.Network];

    public async Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        attackers.ToList().ForEach(attacker => attacker.Look = Look);
        await attackers[0].AskAsync("POST", Session, YearOldFile.SignInOf(YearOldFile.Customer), stop, Https);
        await Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(
            AtOnce / attackers.Count, () => AskAsync(shop, attacker, stop), stop)));
    }

    public void Verify(AttackedShop shop, Answers answers)
    {
        Assert.Equal(0, Volatile.Read(ref _allowed));
        Assert.Equal(0, answers.Of(201));
        Assert.True(answers.Of(403) > 0, $"No write was refused: {answers}");
        // X-Forwarded-Proto is accepted from a proxy only.
        var (prefix, secure) = shop.HasProxy ? ("__Host-", "; secure") : ("_", "");
        Assert.StartsWith($"{prefix}kaffediem_session=", _cookie, StringComparison.Ordinal);
        Assert.EndsWith($"; path=/{secure}; samesite=lax; httponly", _cookie, StringComparison.Ordinal);
    }

    private Task<int> AskAsync(AttackedShop shop, Attacker attacker, CancellationToken stop)
    {
        var cookie = ("Cookie", shop.CustomerCookie);
        return (Interlocked.Increment(ref _serial) % 3) switch
        {
            0 => attacker.AskAsync(
                "OPTIONS", ShopFolder.Orders, json: null, stop, Https, Origin,
                ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type")),
            1 => attacker.GetAsync(Session, stop, Https, Origin, cookie),
            _ => attacker.AskAsync("POST", ShopFolder.Orders, ShopFolder.AnOrder, stop, Https, Origin, cookie),
        };
    }

    private void Look(HttpResponseMessage response)
    {
        if (response.Headers.Contains(HeaderNames.AccessControlAllowOrigin)
            || response.Headers.Contains(HeaderNames.AccessControlAllowCredentials))
        {
            Interlocked.Increment(ref _allowed);
        }

        if (response.Headers.TryGetValues(HeaderNames.SetCookie, out var cookies))
        {
            _cookie = cookies.First();
        }
    }
}
