using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>Bodies of REST requests by a client that may place orders.</summary>
internal static class BodyAttacks
{
    public static IEnumerable<HostileAttack> All =>
    [
        Answered("giant JSON, 250 kB", 201, $$"""{"items":[{"item":1}],"_x":"{{new string('x', 250_000)}}"}"""),
        Answered(
            "giant JSON, more than 256 KB", 413, $$"""{"items":[{"item":1}],"x":"{{new string('x', 262_144)}}"}"""),
        Answered("giant JSON, 30 MB", 413, $$"""{"items":[{"item":1}],"x":"{{new string('x', 30_000_000)}}"}"""),
        Answered("deep JSON, 65 levels", 400, $$"""{"items":{{Deep(64)}}}"""),
        Answered("deep JSON, 100,000 levels", 400, $$"""{"items":{{Deep(100_000)}}}"""),
        Answered(
            "100,000 items in an order",
            422,
            $$"""{"items":[{{string.Join(',', Enumerable.Repeat("1", 100_000))}}]}"""),
        Answered(
            "duplicate keys, of which the first counts",
            201,
            """{"items":[{"item":1}],"items":7,"missing_information":true,"missing_information":"x"}"""),
        Answered("lone surrogates", 400, """{"items":[{"item":1}],"x":"\ud800"}"""),
        Answered("NULs in text", 422, """{"uuid":"\u0000","items":[{"item":1}]}"""),
        Answered(
            "a number of 200,000 digits",
            422,
            $$"""{"items":[{"item":1}],"customer_id":{{new string('9', 200_000)}}}"""),
        Answered("a wrong content type", 415, ShopFolder.AnOrder, "text/plain"),
        Answered("a malformed multipart form", 400, ShopFolder.AnOrder, "multipart/form-data"),
        Answered("a NUL in the path", 400, ShopFolder.AnOrder, path: "/api/collections/order%00/records"),
    ];

    private static string Deep(int levels) => new string('[', levels) + new string(']', levels);

    private static HostileAttack Answered(
        string name,
        int status,
        string body,
        string contentType = "application/json",
        string path = ShopFolder.Orders) =>
        HostileAttack.Repeated(name, $"{status}", async company =>
        {
            using var client = company.CreateClient(company.GuestCookie);
            client.Headers.ExpectContinue = body.Length > 1_000_000;
            using var content = new ByteArrayContent(Framing.Utf8(body));
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            var answer = await client.SendAsync("POST", path, content);
            answer.Is(status);
        });
}
