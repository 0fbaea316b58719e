using System.Buffers.Binary;
using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Support.Clients.Framing;
using Utf8Text = System.Text.Unicode.Utf8;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>
/// One connection that sends valid and invalid messages. The server replies to the valid ones and stays open, or closes
/// at the first invalid frame with a code of docs/protocol.md, "Close codes".
/// </summary>
internal static class WebSocketFuzz
{
    private const int MaxMessageBytes = 65_536;

    private static readonly int[] Codes = [1002, 1007, 1008, 1009, 1011];

    /// <summary>Messages in valid frames, so that the expected reaction to each is exactly known.</summary>
    public static async Task MessagesAsync(
        FuzzApp app, FuzzCase fuzzCase, int version, Func<SeededRandom, FuzzFrame> make)
    {
        var random = fuzzCase.Random;
        var expected = new Expectations(version);
        int? code = null;
        var bytes = new List<byte>();
        foreach (var frame in Enumerable.Range(0, 1 + random.Length(30)).Select(_ => make(random)))
        {
            fuzzCase.Note(frame.IsBinary ? "binary" : "text", frame.Bytes);
            bytes.AddRange(InFrames(random, frame));
            code ??= CodeFor(frame, expected);
        }

        using var client = await FrameClient.ConnectAsync(app.Address, $"/fuzz/websocket?vsn={version}.0.0");
        await TalkAsync(client, random, [.. bytes, .. LastWords(version, expected)], expected, code);
    }

    /// <summary>Valid and invalid frames (RFC 6455).</summary>
    public static async Task FramesAsync(FuzzApp app, FuzzCase fuzzCase)
    {
        var random = fuzzCase.Random;
        var version = random.Pick(1, 2);
        var expected = new Expectations(version);
        var script = FuzzFrames.Make(random, version, expected.Add);
        fuzzCase.Note($"V{version}, {script.Outcome}", script.Bytes);
        using var client = await FrameClient.ConnectAsync(app.Address, $"/fuzz/websocket?vsn={version}.0.0");
        if (script.Outcome is FrameOutcome.Sound)
        {
            await TalkAsync(client, random, [.. script.Bytes, .. LastWords(version, expected)], expected, code: null);
            return;
        }

        var sending = SendAsync(client, random, script.Bytes, thenEnd: script.Outcome is FrameOutcome.BrokenOff);
        var close = await ReadAsync(client, expected, onMet: () => Task.CompletedTask);
        await sending;
        Assert.True(
            close is { } code
                ? Array.IndexOf(Codes, code) >= 0 || (script.HasClose && code == 1000)
                : script.Outcome is FrameOutcome.BrokenOff,
            $"closed with {close?.ToString() ?? "nothing"}");
    }

    private static int? CodeFor(FuzzFrame frame, Expectations expected) =>
        frame.Bytes.Length > MaxMessageBytes ? 1009
        : !frame.IsBinary && !Utf8Text.IsValid(frame.Bytes) ? 1007
        : expected.Add(frame) ? null
        : 1011;

    private static IEnumerable<byte> InFrames(SeededRandom random, FuzzFrame frame)
    {
        byte[][] parts = random.OneIn(4) ? [.. random.Cut(frame.Bytes, 4)] : [frame.Bytes];

        // An empty fragment that is not the last closes with 1008; the frame fuzzing covers it.
        parts = parts.Length > 1 ? [.. parts.Where(part => part.Length > 0)] : parts;
        parts = parts.Length == 0 ? [[]] : parts;
        return parts.SelectMany((part, index) => FrameClient.Frame(
            index > 0 ? Continuation : frame.IsBinary ? Binary : Text,
            part,
            isFinal: index == parts.Length - 1,
            mask: random.Bytes(4)));
    }

    private static byte[] LastWords(int version, Expectations expected)
    {
        var heartbeat = FuzzMessage.Heartbeat(version, "the last");
        expected.Add(heartbeat);
        return FrameClient.Frame(Text, heartbeat.Bytes);
    }

    // Closes when everything is answered and then expects 1000, unless the server has to close first.
    private static async Task TalkAsync(
        FrameClient client, SeededRandom random, byte[] bytes, Expectations expected, int? code)
    {
        Assert.Equal(101, client.Status);
        var hasClosed = false;
        var sending = SendAsync(client, random, bytes, thenEnd: false);
        var closed = await ReadAsync(client, expected, async () =>
        {
            if (!hasClosed && code is null)
            {
                hasClosed = true;
                await client.SendFrameAsync(Close, CodeBytes(1000));
            }
        });
        await sending;
        Assert.Equal(code ?? 1000, closed);
    }

    private static async Task SendAsync(FrameClient client, SeededRandom random, byte[] bytes, bool thenEnd)
    {
        try
        {
            foreach (var part in random.Cut(bytes, 3))
            {
                await client.SendRawAsync(part);
            }

            if (thenEnd)
            {
                client.EndSending();
            }
        }
        catch (IOException)
        {
            // The server closed before everything was sent.
        }
    }

    private static async Task<int?> ReadAsync(FrameClient client, Expectations expected, Func<Task> onMet)
    {
        int? code = null;
        while (await client.ReadFrameAsync() is { } frame)
        {
            Assert.True(code is null, "Nothing follows a close frame.");
            switch (frame.Opcode)
            {
                case Close:
                    code = BinaryPrimitives.ReadUInt16BigEndian(frame.Payload);
                    break;
                case Pong:
                    break;
                default:
                    expected.Take(frame.Opcode, frame.Payload);
                    break;
            }

            if (expected.IsMet)
            {
                await onMet();
            }
        }

        return code;
    }
}
