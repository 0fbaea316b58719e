using System.Buffers.Text;
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
            var (status, _, _) = await SendAsync("POST", _token, body, ("Content-Type", contentType));
            Assert.Equal(isGood ? 200 : 410, status);
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
            var (status, shown, messages) = _random.OneIn(3)
                ? await SendAsync("POST", token, HeartbeatBody("\"x\""), ("Content-Type", "text/plain"))
                : await SendAsync("GET", token, []);
            if (status == 200 && shown is null) // an accepted POST
            {
                _expected.Add(ClientMessage.Read(version, HeartbeatBody("\"x\""), isBinary: false)!);
            }
            else if (status is 200 or 204)
            {
                _token = shown!;
                Take(messages);
            }
            else
            {
                Assert.Equal(410, status);
            }
        }

        await PollUntilMetAsync();
    }

    private async Task OpenAsync()
    {
        var (status, token, messages) = await SendAsync("GET", "", []);
        Assert.Equal((410, 0), (status, messages.Length));
        _token = token!;
    }

    private async Task HeartbeatAsync()
    {
        var body = HeartbeatBody($"\"hb {_heartbeats++}\"");
        _expected.Add(ClientMessage.Read(version, body, isBinary: false)!);
        var (status, _, _) = await SendAsync("POST", _token, body, ("Content-Type", "application/json"));
        Assert.Equal(200, status);
    }

    private async Task PollUntilMetAsync()
    {
        while (!_expected.IsMet)
        {
            var (status, token, messages) = await SendAsync("GET", _token, []);
            Assert.Contains(status, (int[])[200, 204]);
            _token = token!;
            Take(messages);
        }
    }

    // A client can still poll the last messages of an ended session; then a new session begins.
    private async Task PollToTheEndAsync()
    {
        var status = 200;
        while (status == 200)
        {
            (status, _token, var messages) = await SendAsync("GET", _token, []) is var answer
                ? (answer.Status, answer.Token!, answer.Messages)
                : default;
            Take(messages);
        }

        Assert.Equal(410, status);
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

    private void Take(string[] messages)
    {
        foreach (var message in messages)
        {
            _expected.Take(ServerMessage.DecodeText(version, message));
        }
    }

    private async Task<(int Status, string? Token, string[] Messages)> SendAsync(
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
        return (await HttpWire.SendAsync(app.Address, request)).ReadPoll();
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

    private bool Note(FuzzFrame frame)
    {
        if (frame.Bytes.Length > MaxMessageBytes
            || ClientMessage.Read(version, frame.Bytes, frame.IsBinary) is not { } message)
        {
            return false;
        }

        _expected.Add(message);
        return true;
    }

    private byte[] HeartbeatBody(string @ref) => Utf8(version == 1
        ? $$"""{"topic":"phoenix","event":"heartbeat","payload":{},"ref":{{@ref}}}"""
        : $$"""[null,{{@ref}},"phoenix","heartbeat",{}]""");

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
