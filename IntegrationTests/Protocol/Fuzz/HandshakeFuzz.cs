using System.Net;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>
/// Connects with everything a client can send: the server accepts it and speaks the version that was asked for, or
/// refuses with a status of docs/protocol.md, "Order of checks". It never answers 500 and never echoes the bearer
/// token.
/// </summary>
internal static class HandshakeFuzz
{
    private static readonly int[] Refusals = [400, 403, 429];

    /// <summary>Queries, at both transports.</summary>
    public static Task QueriesAsync(FuzzApp app, FuzzCase fuzzCase)
    {
        var (query, version) = FuzzHandshake.MakeQuery(fuzzCase.Random);
        bool? isGood = version is null || query.Contains("deny", StringComparison.Ordinal) ? null : version != 0;
        return fuzzCase.Random.OneIn(2)
            ? OpenSocketAsync(app, fuzzCase, query, version, isGood)
            : OpenPollAsync(app, fuzzCase, query, isGood);
    }

    /// <summary>Subprotocols and other headers, at both transports.</summary>
    public static Task HeadersAsync(FuzzApp app, FuzzCase fuzzCase)
    {
        var random = fuzzCase.Random;
        var others = Enumerable.Range(0, random.Length(4)).Select(_ => FuzzHandshake.MakeHeader(random)).ToArray();
        if (random.OneIn(3))
        {
            return OpenPollAsync(app, fuzzCase, "vsn=2.0.0", null, others);
        }

        var (subprotocols, isGood) = FuzzHandshake.MakeSubprotocols(random);
        return OpenSocketAsync(
            app, fuzzCase, "vsn=2.0.0", 2, others.Length == 0 ? isGood : null,
            [.. others, ("Sec-WebSocket-Protocol", subprotocols)]);
    }

    private static async Task OpenSocketAsync(
        FuzzApp app, FuzzCase fuzzCase, string query, int? version, bool? isGood,
        params (string Name, string? Value)[] headers)
    {
        fuzzCase.Note("websocket", $"{query}\n{string.Join('\n', headers)}");
        using var client = await FrameClient.ConnectAsync(app.Address, $"/fuzz/websocket?{query}", "GET", headers);
        Assert.True(client.Status == 101 || Array.IndexOf(Refusals, client.Status) >= 0, client.ResponseHead);
        Assert.DoesNotContain("bearer", client.ResponseHead, StringComparison.OrdinalIgnoreCase);
        if (isGood is { } good)
        {
            Assert.Equal(good ? 101 : 403, client.Status);
        }

        if (client.Status == 101 && version is { } spoken)
        {
            using var talking = new WireClient(client, spoken);
            // The reply contains the params as the server parsed them.
            Assert.Equal("ok", (await talking.JoinAsync("fuzz:params")).Status);
            Assert.Equal("early", (await talking.ReceiveAsync()).Event);
            await talking.AssertSilentAsync();
        }
    }

    private static async Task OpenPollAsync(
        FuzzApp app, FuzzCase fuzzCase, string query, bool? isGood, params (string Name, string Value)[] headers)
    {
        var method = fuzzCase.Random.OneIn(5)
            ? fuzzCase.Random.Pick("OPTIONS", "HEAD", "PUT", "DELETE", "get", "POST")
            : "GET";
        var request = HttpWire.Request(app.Address, method, $"/fuzz/longpoll?{query}", [], headers);
        fuzzCase.Note("longpoll", request);
        var answer = await HttpWire.SendAsync(app.Address, request);
        if (answer.HttpStatus != HttpStatusCode.OK)
        {
            Assert.True(Array.IndexOf(Refusals, (int)answer.HttpStatus) >= 0, $"{answer.HttpStatus} {answer.Body}");
            Assert.True(isGood is null || method != "GET", "A poll is always answered with 200.");
        }
        else if (method is "GET" or "POST")
        {
            Assert.Contains(answer.Status, (int[])[403, 410]);
            Assert.True(isGood is null || method == "POST" || answer.Status == (isGood.Value ? 410 : 403), answer.Body);
        }
    }
}
