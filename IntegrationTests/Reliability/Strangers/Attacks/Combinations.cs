using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Further attacks, which try to get around the bounds that stop the others.</summary>
internal static class Combinations
{
    private const string Items = "/api/collections/item/records";
    private const int Burst = 100;

    // Answers that strangers have not read (Reads:MaxUnsentBytes, 256 MB), and as much again, as for unread lists.
    private const long UnsentToAll = 512L << 20;

    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(0.2);

    public static IReadOnlyList<IAttack> All =>
    [
        new RepeatedAct("lists by different query strings", 48, (attacker, i, stop) => attacker.GetAsync(
            $"{ShopFolder.Orders}?customer_id={i}&page={1 + (i % 7)}&perPage={1 + (i % 500)}", stop)),
        new RepeatedAct("HEAD of all orders", 48, (attacker, _, stop) =>
            attacker.AskAsync("HEAD", ShopFolder.Orders, json: null, stop)),
        new RepeatedAct("conditional requests for all orders", 24, (attacker, i, stop) =>
            attacker.GetAsync(ShopFolder.Orders, stop, ("If-None-Match", $"\"{i}\""))),
        new RepeatedAct("ranges of all orders", 24, (attacker, i, stop) =>
            attacker.GetAsync(ShopFolder.Orders, stop, ("Range", $"bytes={i}-{i}"))),
        new RepeatedAct("cookies of 30 kB", 48, (attacker, i, stop) =>
            attacker.GetAsync(
                "/api/session", stop, ("Cookie", $"_kaffediem_session={i}; x={new string('x', 30_000)}"))),
        new RepeatedAct("event streams that continue from every change", 100, async (attacker, i, stop) =>
        {
            var line = await attacker.SendAsync("GET /api/events?collections=order,menu", $"Last-Event-ID: {i}:{i}");
            await Attacker.LeaveAsync(line, Glance, stop);
        }),
        new RepeatedAct("joins of a thousand topics", 24, (attacker, i, stop) =>
            attacker.SayAsync(Enumerable.Range(0, 1000).Select(n => JoinOfMany(i, n)), Glance, stop))
        {
            MayGrow = UnsentToAll,
        },
        new RepeatedAct("a thousand reloads, hung up", 24, (attacker, _, stop) =>
            attacker.SayAsync(Enumerable.Range(0, 1000).Select(Reload), Glance, stop)),
        new RepeatedAct("joins and leaves", 24, (attacker, i, stop) =>
            attacker.SayAsync(Enumerable.Range(0, Burst).SelectMany(n => JoinAndLeave(i, n)), Glance, stop)),
        new RepeatedAct("heartbeats only", 60, (attacker, _, stop) => attacker.SayAsync(
            Enumerable.Repeat("""[null,"1","phoenix","heartbeat",{}]""", Burst), Glance, stop)),
        new RepeatedAct("polls that are hung up", 100, async (attacker, _, stop) =>
        {
            var line = await attacker.SendAsync("GET /socket/longpoll?vsn=2.0.0&token=x");
            await Attacker.LeaveAsync(line, Glance, stop);
        }),
        new RepeatedAct("a hundred requests at once on a connection, unread", 24, async (attacker, _, stop) =>
        {
            var line = await attacker.SendAsync($"GET {ShopFolder.Orders}", PipelinedLines);
            await Attacker.LeaveAsync(line, Glance, stop);
        }),
        new RepeatedAct("connections that are hung up at once", 60, async (attacker, _, _) =>
            (await attacker.SendAsync($"GET {Items}"))?.Reset()),
        new RepeatedAct("orders of 250 kB without a session", 24, (attacker, _, stop) => attacker.AskAsync(
            "POST", ShopFolder.Orders, $$"""{"items":[{"item":1}],"_x":"{{new string('x', 250_000)}}"}""", stop)),
        new RepeatedAct("the description of the API, and preflights", 48, (attacker, i, stop) => i % 2 == 0
            ? attacker.GetAsync("/openapi/v1.json", stop)
            : attacker.AskAsync(
                "OPTIONS", ShopFolder.Orders, json: null, stop, ("Access-Control-Request-Method", "POST"))),
        new RepeatedAct(
            "paths, collections and records that do not exist", 48, (attacker, i, stop) => attacker.GetAsync(
            (i % 3) switch
            {
                0 => $"/x{i}",
                1 => $"/api/collections/x{i}/records",
                _ => $"{ShopFolder.Orders}/{i}000000",
            },
            stop)),
        new LinksBesideBackups(),
        new RepeatedAct("the menu and the page, over and over", 48, (attacker, i, stop) =>
            attacker.GetAsync(i % 2 == 0 ? Items : "/", stop)),
    ];

    // Several heads in a row: the last one is the request's own and ends with an empty line.
    private static IEnumerable<string> PipelinedLines => Enumerable.Repeat(
        $"Host: shop\r\n\r\nGET {ShopFolder.Orders} HTTP/1.1", Burst).Append("Host: shop");

    // Half are joins of all orders, the others of collections that do not exist.
    private static string JoinOfMany(int connection, int number)
    {
        var collection = number % 2 == 0 ? "order" : $"x{connection}.{number}";
        return $$"""["{{number}}","{{number}}","collection:{{collection}}","phx_join",{}]""";
    }

    private static string Reload(int number) => number == 0
        ? """["0","0","collection:order","phx_join",{}]"""
        : $$"""["0","{{number}}","collection:order","reload",{}]""";

    private static IEnumerable<string> JoinAndLeave(int day, int number) =>
    [
        $$$"""
        ["{{{number}}}","{{{number}}}","collection:order","phx_join",{"options":{"from_date":"2026-01-{{{1 + (day % 28):00}}}"}}]
        """,
        $$"""["{{number}}","{{number}}l","collection:order","phx_leave",{}]""",
    ];
}
