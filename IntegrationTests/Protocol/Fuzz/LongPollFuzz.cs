using System.Buffers.Text;
using System.Net;
using System.Text;
using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Support.Clients.Framing;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>
/// Long-poll sessions that receive valid and invalid messages (docs/protocol.md, "Long-poll"). A valid batch gets 200
/// and its replies; the first invalid message ends the session with 410.
/// </summary>
internal sealed class LongPollFuzz(FuzzApp app, FuzzCase fuzzCase, int version)
{
    private const int MaxMessageBytes = 65_536;
    private const int MaxLines = 100;
    private const string Ndjson = "application/x-ndjson";

    private readonly SeededRandom _random = fuzzCase.Random;
    private readonly Expectations _expected = new(version);
    private string _token = "";
    private int _heartbeats;

    /// <summary>Batches of lines, and whole bodies.</summary>
    public static Task BodiesAsync(FuzzApp app, FuzzCase fuzzCase) =>
        new LongPollFuzz(app, fuzzCase, fuzzCase.Random.Pick(1, 2)).SendBodiesAsync();

    /// <summary>Polls and posts with valid and invalid tokens, and requests that break off.</summary>
    public static Task TokensAsync(FuzzApp app, FuzzCase fuzzCase) =>
        new LongPollFuzz(app, fuzzCase, fuzzCase.Random.Pick(1, 2)).ShowTokensAsync();

    private async Task SendBodiesAsync()
    {
        await OpenAsync();
        for (var left = 1 + _random.Length(4); left > 0; left--)
        {
            var (body, contentType, isGood) = MakeBody();
            var answer = await SendAsync("POST", _token, body, ("Content-Type", contentType));
            Assert.Equal(isGood ? 200 : 410, answer.Status);
            if (!isGood)
            {
                await PollToTheEndAsync();
                return;
            }
        }

        await HeartbeatAsync();
        await PollUntilMetAsync();
    }

    private async Task ShowTokensAsync()
    {
        await OpenAsync();
        await HeartbeatAsync();
        // A client that shows new tokens, like phoenix.js, loses nothing with a broken connection.
        await PollUntilMetAsync();
        for (var left = 1 + _random.Length(6); left > 0; left--)
        {
            if (_random.OneIn(3))
            {
                await BreakOffAsync();
            }

            await HeartbeatAsync(); // so that no poll waits, whichever token it shows
            var token = MakeToken();
            Assert.Contains(
                await (_random.OneIn(3) ? PostHeartbeatAsync(token) : PollAsync(token)), (int[])[200, 204, 410]);
        }

        await PollUntilMetAsync();
    }

    private async Task OpenAsync()
    {
        var answer = await SendAsync("GET", "", []);
        Assert.Equal((410, 0), (answer.Status, answer.Messages.Count));
        _token = answer.Token!;
    }

    private async Task HeartbeatAsync() => Assert.Equal(200, await PostHeartbeatAsync(_token));

    private async Task PollUntilMetAsync()
    {
        while (!_expected.IsMet)
        {
            Assert.Contains(await PollAsync(_token), (int[])[200, 204]);
        }
    }

    // A client can still poll the last messages of an ended session; then a new session begins.
    private async Task PollToTheEndAsync()
    {
        int status;
        do
        {
            status = await PollAsync(_token);
        }
        while (status == 200);
        Assert.Equal(410, status);
    }

    private async Task<int> PostHeartbeatAsync(string token)
    {
        var heartbeat = FuzzMessage.Heartbeat(version, $"hb {_heartbeats++}");
        var answer = await SendAsync("POST", token, heartbeat.Bytes, ("Content-Type", "application/json"));
        if (answer.Status == 200)
        {
            _expected.Add(heartbeat);
        }

        return answer.Status;
    }

    private async Task<int> PollAsync(string token)
    {
        var answer = await SendAsync("GET", token, []);
        if (answer.Status is 200 or 204)
        {
            _token = answer.Token!;
            foreach (var message in answer.Messages)
            {
                _expected.Take(Text, Utf8(message));
            }
        }

        return answer.Status;
    }

    private async Task BreakOffAsync()
    {
        var request = _random.OneIn(2)
            ? HttpWire.Request(app.Address, "GET", Target(_token), [])
            : HttpWire.Request(app.Address, "POST", Target(_token), _random.Bytes(5000))[..^(1 + _random.Below(5000))];
        fuzzCase.Note("broken off", request);
        using var connection = await RawConnection.ConnectAsync(app.Address);
        await connection.SendAsync(request);
        connection.Reset();
    }

    private async Task<PollAnswer> SendAsync(
        string method, string token, byte[] body, params (string Name, string Value)[] headers)
    {
        var isInHeader = token.Length > 0 && _random.OneIn(2);
        var request = HttpWire.Request(
            app.Address,
            method,
            isInHeader ? Target("") : Target(token),
            body,
            isInHeader ? [("x-phoenix-longpoll-token", token), .. headers] : headers);
        fuzzCase.Note(method, request);
        var answer = await HttpWire.SendAsync(app.Address, request);
        Assert.Equal(HttpStatusCode.OK, answer.HttpStatus);
        return answer;
    }

    private string Target(string token) => $"/fuzz/longpoll?vsn={version}.0.0&token={token}";

    private (byte[] Body, string ContentType, bool IsGood) MakeBody()
    {
        if (_random.OneIn(4) || version == 1)
        {
            var whole = FuzzMessage.Make(_random, version).Bytes;
            var contentType = _random.Pick(
                "application/json", "text/plain", "application/x-ndjson; charset=utf-8", "?", "");
            return (whole, contentType, Note(new FuzzFrame(whole, IsBinary: false)));
        }

        byte[][] lines = [.. Enumerable.Range(0, _random.Length(120)).Select(_ => MakeLine())];
        var isGood = lines.Where(line => line.Length > 0).Take(MaxLines).All(NoteLine);
        var ended = lines.SelectMany(line => (byte[])[.. line, .. _random.Pick<byte[]>([10], [13, 10])]);
        return ([.. ended], Ndjson, isGood);
    }

    // No line break inside a line: the caller adds one after each.
    private byte[] MakeLine()
    {
        var frame = FuzzMessage.Make(_random, version);
        byte[] line = frame.IsBinary ? Encoding.ASCII.GetBytes(Convert.ToBase64String(frame.Bytes)) : frame.Bytes;
        line = _random.OneIn(200) ? _random.Mutate(line) : line;
        return [.. line.Where(value => value is not (10 or 13))];
    }

    private bool NoteLine(byte[] line)
    {
        if (line[0] == '[')
        {
            return Note(new FuzzFrame(line, IsBinary: false));
        }

        var bytes = new byte[line.Length];
        return Base64.IsValid(line)
            && Convert.TryFromBase64String(Encoding.ASCII.GetString(line), bytes, out var length)
            && Note(new FuzzFrame(bytes[..length], IsBinary: true));
    }

    private bool Note(FuzzFrame frame) => frame.Bytes.Length <= MaxMessageBytes && _expected.Add(frame);

    private string MakeToken() => _random.Below(6) switch
    {
        0 => _token,
        1 => "",
        2 => Base64Url.EncodeToString(_random.Bytes(_random.Length(200))),
        3 => _token[..^(1 + _random.Below(_token.Length))],
        4 => $"{_token}{_random.Pick("A", "=", "==", "%00", "%FF", ".", "&token=", "&token[]=x", "%20")}",
        _ => string.Concat(
            _token.Select(letter => _random.OneIn(40) ? _random.Pick("A", "b", "_", "-", "%2B", "[") : $"{letter}")),
    };
}
