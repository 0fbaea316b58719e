using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>Sends the requests of part 1, in their order, and compares answers and broadcasts.</summary>
internal sealed class RestReplay(Uri server, TopicObserver observer, Sameness sameness, Realignment realignment)
{
    private static readonly string[] ComparedHeaders =
    [
        "content-encoding", "access-control-allow-origin", "access-control-allow-credentials",
        "access-control-allow-headers", "access-control-allow-methods", "access-control-max-age",
    ];

    private const string JsonType = "application/json; charset=utf-8";

    private readonly CookieTranslation _cookies = new();

    /// <summary>Replays one case and returns the difference, or <c>null</c>.</summary>
    public async Task<string?> ReplayAsync(RestCase recorded)
    {
        var answer = await HttpText.ExchangeAsync(server, recorded.ToBytes(server, _cookies.Translate));
        _cookies.Learn(recorded.Answer, answer);
        var broadcasts = await observer.ReadAsync();
        var difference = Compare(recorded.Answer, answer) ?? CompareBroadcasts(recorded.Broadcasts, broadcasts);
        if (await realignment.ApplyAsync(recorded, answer))
        {
            await observer.ReadAsync();
        }

        return difference;
    }

    /// <summary>R344: 40 concurrent orders. Kaffebase accepted the 10 for which its database was not busy.</summary>
    public async Task<string?> ReplayConcurrentlyAsync()
    {
        var order = new HttpText(
            "POST /api/collections/order/records",
            [("Content-Type", "application/json")],
            """{"items":[{"item":1}]}""");
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(_ => HttpText.ExchangeAsync(server, order.ToBytes(server))));
        await observer.ReadAsync();
        await realignment.ForgetAfterAsync("order", 25);
        await observer.ReadAsync();
        var placed = answers.Count(answer => answer.Status == 201);
        return placed == 10 ? null : $"10 of 40 are now {placed}";
    }

    private string? Compare(HttpText before, HttpText now)
    {
        if (before.Status != now.Status)
        {
            return $"{before.FirstLine} is now {now.Status}: {before.Body} is now {now.Body}";
        }

        if (before.Header("Set-Cookie") is null != now.Header("Set-Cookie") is null)
        {
            return $"Set-Cookie: {before.Header("Set-Cookie")} is now {now.Header("Set-Cookie")}";
        }

        foreach (var name in ComparedHeaders)
        {
            if (before.Header(name) != now.Header(name))
            {
                return $"{name}: {before.Header(name)} is now {now.Header(name)}";
            }
        }

        return CompareBodies(before, now);
    }

    private string? CompareBodies(HttpText before, HttpText now)
    {
        if (before.Status >= 400 && before.Header("Content-Type") != JsonType && now.Header("Content-Type") == JsonType)
        {
            // The guide: a refusal is JSON.
            var refusal = new JsonObject { ["errors"] = new JsonObject() };
            return sameness.Difference(new ShortenedJson(refusal, true), JsonNode.Parse(now.Body!));
        }

        if (before.Body is null || now.Body is null || before.Header("Content-Type") != now.Header("Content-Type"))
        {
            return (before.Body, before.Header("Content-Type")) == (now.Body, now.Header("Content-Type"))
                ? null
                : $"{before.Header("Content-Type")} {before.Body} is now {now.Header("Content-Type")} {now.Body}";
        }

        var (old, young) = (ShortenedJson.Parse(before.Body), JsonNode.Parse(now.Body));
        // The guide: a list is an object.
        return old.Value is JsonArray && young is JsonObject
            ? sameness.Difference(old with { Value = new JsonObject { ["items"] = old.Value } }, young)
            : sameness.Difference(old, young);
    }

    private string? CompareBroadcasts(IReadOnlyList<ShortenedJson>? before, IReadOnlyList<JsonArray> now)
    {
        if (before is null)
        {
            return null;
        }

        return before.Count == now.Count
            ? before.Zip(now, sameness.Difference).FirstOrDefault(difference => difference is not null)
            : $"{before.Count} broadcasts are now {now.Count}: {string.Join(", ", now.Select(Show))}";
    }

    private static string Show(JsonNode frame) => JsonSerializer.Serialize(frame, Support.Json.Relaxed);
}
