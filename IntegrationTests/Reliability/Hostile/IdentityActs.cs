using System.Net;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>Those who want to be somebody else: passwords, cookies, and pages of other sites.</summary>
internal static class IdentityActs
{
    private const string Evil = "https://evil.example";
    private const int AtOnce = 20;

    private static readonly int Attempts = TestSettings.Pick(quick: 100, full: 1000, @long: 1000);

    public static IEnumerable<HostileAct> All =>
    [
        new($"{Attempts:N0} wrong passwords for one account", "10 x 401, then 429", company =>
            GuessAsync(company, IPAddress.Parse("127.0.0.2"), _ => HonestCompany.User, failures: 10)) { IsSlow = true },
        new(
            $"{Attempts:N0} wrong passwords for as many accounts",
            $"{HonestCompany.AttemptsPerAddress} x 401, then 429",
            company => GuessAsync(
                company,
                IPAddress.Parse("127.0.0.3"),
                i => $"user{i}@shop.test",
                failures: HonestCompany.AttemptsPerAddress)) { IsSlow = true },
        HostileAct.Repeated("a forged cookie", "204: nobody; writes 401", company =>
            AssertNobodyAsync(company, "_kaffediem_session=" + new string('A', 43))),
        HostileAct.Repeated("a cookie of another server", "204: nobody; writes 401", company =>
            AssertNobodyAsync(company, "_kaffediem_session=q8cWk1w9o0y3mVbFz5nT7rLxJ2hGdPsA4eUiYtRfKqM")),
        HostileAct.Repeated("a cookie of a session that has ended", "204: nobody; writes 401", company =>
            AssertNobodyAsync(company, company.EndedCookie)),
        HostileAct.Repeated("a cookie of 7 kB", "204: nobody; writes 401", company =>
            AssertNobodyAsync(company, "_kaffediem_session=" + new string('A', 7000))),
        HostileAct.Repeated("a customer's cookie, for what only administrators may", "403", async company =>
        {
            using var client = company.CreateClient(company.GuestCookie);
            (await client.PostAsync("/api/collections/message/records", """{"title":"Hei"}""")).Is(403);
            (await client.DeleteAsync("/api/collections/item/records/1")).Is(403);
        }),
        HostileAct.Repeated("sockets of pages of other sites, with the user's cookie", "403", async company =>
        {
            var alike = $"{company.Address.Scheme}://{company.Address.Host}.evil.example";
            foreach (var origin in new[] { Evil, "null", alike })
            {
                (string, string?)[] headers = [("Origin", origin), ("Cookie", company.GuestCookie)];
                using var socket = await FrameClient.ConnectAsync(company.Address, headers: headers);
                Assert.Equal(403, socket.Status);
            }
        }),
        HostileAct.Repeated("long-poll of a page of another site", "200, with the status 403 in it", async company =>
        {
            using var client = new LongPollClient(company.Address);
            var answer = await client.SendAsync("GET", headers: ("Origin", Evil));
            Assert.Equal((HttpStatusCode.OK, 403, null), (answer.HttpStatus, answer.Status, answer.Token));
        }),
        HostileAct.Repeated("an event stream for a page of another site", "403", async company =>
        {
            using var client = company.CreateClient(company.GuestCookie);
            (await client.SendAsync("GET", "/api/events?collections=order", json: null, ("Origin", Evil))).Is(403);
        }),
        HostileAct.Repeated("posts of pages of other sites, with the user's cookie", "403", async company =>
        {
            using var client = company.CreateClient(company.GuestCookie);
            (await client.SendAsync("POST", ShopFolder.Orders, ShopFolder.AnOrder, ("Origin", Evil))).Is(403);
            (await client.SendAsync("POST", ShopFolder.Orders, ShopFolder.AnOrder, ("Origin", "null"))).Is(403);
            (await client.SendAsync("POST", ShopFolder.Orders, ShopFolder.AnOrder, ("Sec-Fetch-Site", "cross-site")))
                .Is(403);
            using var form = new FormUrlEncodedContent([new("items", "[]")]);
            (await client.SendAsync("POST", ShopFolder.Orders, form, ("Origin", Evil))).Is(403);
            (await client.SendAsync("DELETE", "/api/session", json: null, ("Origin", Evil))).Is(403);
        }),
    ];

    // From an address of its own: who fails too often is refused there.
    private static async Task GuessAsync(HonestCompany company, IPAddress from, Func<int, string> email, int failures)
    {
        using var client = new RestClient(company.Address, from);
        var serving = company.ServeAsync();
        List<RestAnswer> answers = [];
        foreach (var attempts in Enumerable.Range(0, Attempts).Chunk(AtOnce))
        {
            answers.AddRange(await Task.WhenAll(
                attempts.Select(i => client.SignInAsync(email(i), company.Keep("wrong-battery-staple")))));
        }

        await serving;
        Assert.Equal(failures, answers.Count(answer => answer.Status == 401));
        Assert.All(answers.Where(answer => answer.Status != 401), answer =>
        {
            answer.Is(429);
            Assert.NotNull(answer.Header("Retry-After"));
        });
    }

    private static async Task AssertNobodyAsync(HonestCompany company, string cookie)
    {
        using var client = company.CreateClient(cookie);
        (await client.GetAsync("/api/session")).Is(204);
        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(401);
        using var socket = await FrameClient.ConnectAsync(company.Address, headers: ("Cookie", cookie));
        await socket.SendTextAsync("""["1","1","presence:staff","phx_join",{}]""");
        Assert.Equal(("1", "sign in first"), Assert.Single(await socket.ReadRepliesAsync(1)));
    }
}
