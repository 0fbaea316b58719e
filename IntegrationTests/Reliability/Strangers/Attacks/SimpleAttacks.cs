using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Attacks that need no class of their own.</summary>
internal static class SimpleAttacks
{
    private const string Session = "/api/session";
    private const string WrongPassword = "wrong-battery-staple";
    private const string Items = "/api/collections/item/records";
    private const int SmallestBuffer = 4096; // bytes
    private const int SecondsBetweenDates = 397;

    // PhoenixOptions.MaxConnectionsPerAddress, and as many again as the shop may have.
    private const int PlacesOfAnAddress = 17_000;

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.3);
    private static readonly TimeSpan MenuPause = TimeSpan.FromMilliseconds(100);

    // By then the server may have cut off the unread answers.
    private static readonly TimeSpan UnreadPause = TimeSpan.FromSeconds(2);
    private static readonly DateTime LastYear = DateTime.UtcNow.Date.AddYears(-1);

    // Each orders or filters the whole list.
    private static readonly string[] PageQueries =
    [
        "sort=-uuid", "sort=state&page=50000", "from_date=2026-01-01&sort=-updated", "sort=-customer_id",
        "customer_id=77",
    ];

    // The framework detects these faults late.
    private static readonly (string RequestLine, string[] Lines, string Body)[] MalformedRequests =
    [
        ($"GET {Items}", ["Host: .&"], ""),
        ($"GET {Items}", ["Host: xn--"], ""),
        ("GET /", ["Host: xn--"], ""),
        ($"POST {Session}",
            ["Content-Type: application/x-www-form-urlencoded; charset=utf-7", "Content-Length: 7"], "email=a"),
        ($"POST {Session}", ["Content-Type: application/json; charset=utf-7", "Content-Length: 2"], "{}"),
    ];

    public static IReadOnlyList<IAttack> All =>
    [
        .. AtTheSameTime,
        new RepeatedAct("malformed hosts and charsets", 4, SendMalformedAsync)
        {
            IsEach = true,
            Check = answers => Assert.True(answers.Of(400) > 0, $"{answers}"),
        },
        new RepeatedAct("long-poll sessions, opened and left", 32, (attacker, _, stop) =>
            attacker.GetAsync("/socket/longpoll?vsn=2.0.0", stop))
        {
            From = [Whereabouts.ShopsAddress],
            FullSize = PlacesOfAnAddress,
            IsEach = true,
        },
        // Image URLs begin with the server's name.
        new HeldSockets(
            "sockets under many names of the server",
            TestSettings.Pick(quick: 200, full: 1000, @long: 2000),
            """["1","1","collection:menu","phx_join",{}]""",
            (_, number) => $"Host: shop{number}.example",
            ChangeMenuAsync),
        new HeldSockets(
            "a customer's sockets among the staff",
            1000,
            """["1","1","presence:staff","phx_join",{"screen":"mine"}]""",
            (shop, _) => $"Cookie: {shop.CustomerCookie}"),
        new ParallelAttacks("seven of these at once", AtTheSameTime),
    ];

    private static IReadOnlyList<IAttack> AtTheSameTime =>
    [
        // Each needs a list of orders from the database.
        new RepeatedAct("event streams from different dates, hung up", 200, async (attacker, i, stop) =>
        {
            var date = LastYear.AddSeconds((double)i * SecondsBetweenDates % TimeSpan.FromDays(360).TotalSeconds);
            var text = date.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            var line = await attacker.SendAsync($"GET /api/events?collections=order&from_date={text}");
            await Attacker.LeaveAsync(line, Moment, stop);
        }),
        JoinsSince(),
        new RepeatedAct("short pages of all orders, sorted", 16, (attacker, i, stop) => attacker.GetAsync(
            $"{ShopFolder.Orders}?perPage=1&{PageQueries[i % PageQueries.Length]}", stop)) { IsEach = true },
        new RepeatedAct("lists of all orders, unread", 60, async (attacker, _, stop) =>
        {
            attacker.ReceiveBuffer = SmallestBuffer;
            var line = await attacker.SendAsync($"GET {ShopFolder.Orders}");
            stop.Register(() => line?.Reset());
            await Task.WhenAny(Task.Delay(UnreadPause, stop));
        })
        {
            MayGrow = 768L << 20,
        },
        new RepeatedAct("wrong passwords", 20, TryPasswordAsync)
        {
            From = [Whereabouts.ShopsAddress, Whereabouts.SixAddresses],
            IsEach = true,
            Check = answers => Assert.Equal(0, answers.Of(200)),
        },
        new RepeatedAct("signing out of invented sessions", 16, (attacker, _, stop) =>
            attacker.AskAsync("DELETE", Session, json: null, stop, ("Cookie", InventCookie()))) { IsEach = true },
        new RepeatedAct("reloads of all orders", 30, (attacker, _, stop) => attacker.SayAsync(
            Enumerable.Range(1, 101).Select(i => i == 1
                ? """["1","1","collection:order","phx_join",{}]"""
                : $$"""["1","{{i}}","collection:order","reload",{}]"""),
            Timeout.InfiniteTimeSpan,
            stop))
        {
            MayGrow = 512L << 20,
        },
    ];

    private static RepeatedAct JoinsSince()
    {
        var (epoch, last) = ("", 1L);
        return new RepeatedAct("joins since different changes", 120, (attacker, i, stop) => attacker.SayAsync(
            [$$$"""["1","1","collection:order","phx_join",{"since":{"epoch":"{{{epoch}}}","seq":{{{i % last}}}}}]"""],
            TimeSpan.FromSeconds(1),
            stop))
        {
            Prepare = shop => (epoch, last) = (
                shop.Query<string>("SELECT id FROM epoch").Single(),
                shop.Query<long>("SELECT MAX(seq) FROM change_log").Single()),
        };
    }

    private static async Task SendMalformedAsync(Attacker attacker, int number, CancellationToken stop)
    {
        var (requestLine, lines, body) = MalformedRequests[number % MalformedRequests.Length];
        using var line = await attacker.SendAsync(requestLine, lines);
        if (line is not null && await Attacker.IsDoneAsync(() => line.SendAsync(body)))
        {
            await attacker.ReadStatusAsync(line, stop);
            line.Reset();
        }
    }

    // Wrong passwords for the administrator and for others; and the right one of the Development account.
    private static Task<int> TryPasswordAsync(Attacker attacker, int number, CancellationToken stop)
    {
        var (email, password) = (number % 4) switch
        {
            0 => (Administrator.Email, Administrator.PublishedPassword), // added in Development
            1 => ($"nobody{number}@shop.test", WrongPassword),
            _ => (YearOldFile.Administrator, WrongPassword),
        };
        return attacker.AskAsync("POST", Session, $$"""{"email":"{{email}}","password":"{{password}}"}""", stop);
    }

    private static string InventCookie() =>
        $"_kaffediem_session={Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";

    private static async Task ChangeMenuAsync(AttackedShop shop, CancellationToken stop)
    {
        using var client = shop.CreateClient(shop.AdministratorCookie);
        for (var price = 40; !stop.IsCancellationRequested; price++)
        {
            (await client.PatchAsync($"{Items}/1", $$"""{"price_nok":{{price}}}""")).Is(200);
            await Task.WhenAny(Task.Delay(MenuPause, stop));
        }
    }
}
