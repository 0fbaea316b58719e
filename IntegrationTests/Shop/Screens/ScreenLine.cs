using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>One connection of a screen, over any wire. However it ends, it does not throw.</summary>
internal sealed class ScreenLine(Wire wire, FrameClient? frames, LongPollClient? polls) : IDisposable
{
    private const int CloseFrame = 0x8;

    private readonly CancellationTokenSource _cut = new();
    private readonly Queue<string> _polled = new();
    private bool _isClosing;

    /// <summary>Whether this side has ended it.</summary>
    public bool IsCut => _cut.IsCancellationRequested;

    /// <summary>The code of the server's close frame, if it has sent one.</summary>
    public int? CloseCode { get; private set; }

    /// <param name="server">The server.</param>
    /// <param name="wire">The protocol version and transport.</param>
    /// <param name="headers">Headers of every request, for example a session's cookie.</param>
    /// <returns><c>null</c> if the server does not accept the connection.</returns>
    public static async Task<ScreenLine?> TryOpenAsync(
        Uri server, Wire wire, params (string Name, string? Value)[] headers)
    {
        try
        {
            var query = $"vsn={wire.Version}.0.0";
            if (wire.IsLongPoll)
            {
                var polls = new LongPollClient(server, query);
                foreach (var (name, value) in headers)
                {
                    polls.Headers.TryAddWithoutValidation(name, value);
                }

                Assert.Equal(410, (await polls.PollAsync()).Status);
                return new ScreenLine(wire, null, polls);
            }

            var frames = await FrameClient.ConnectAsync(server, $"/socket/websocket?{query}", headers: headers);
            // It reads in the background, and a screen may receive nothing for long. The screen itself has less
            // patience.
            frames.Patience = Patience.ForTimeouts;
            return frames.ResponseHead.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)
                ? new ScreenLine(wire, frames, null)
                : null;
        }
        catch (Exception exception) when (IsEnd(exception) || exception is Xunit.Sdk.XunitException)
        {
            return null;
        }
    }

    public Task SendAsync(ScreenMessage message) =>
        SendAsync(message.JoinRef, message.Ref, message.TopicName, message.Event, message.Payload);

    /// <summary>
    /// Sends a message as a client of its version does; V1 has no join_ref. A message that cannot be sent is dropped.
    /// </summary>
    public async Task SendAsync(string? joinRef, string @ref, string topic, string @event, string payload)
    {
        var text = wire.Version == 2
            ? $"[{(joinRef is null ? "null" : $"\"{joinRef}\"")},\"{@ref}\",\"{topic}\",\"{@event}\",{payload}]"
            : $$"""{"topic":"{{topic}}","event":"{{@event}}","payload":{{payload}},"ref":"{{@ref}}"}""";
        try
        {
            await (frames?.SendTextAsync(text) ?? PostAsync(text));
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // A WebSocket's reader notices the end as well; polls are separate requests.
            if (wire.IsLongPoll)
            {
                Cut();
            }
        }
    }

    /// <summary>The next message; <c>null</c> at the end.</summary>
    public async Task<(string? Ref, string Topic, string Event, JsonElement Payload)?> ReadAsync()
    {
        try
        {
            if (await (frames is null ? ReadPollAsync() : ReadFrameAsync()) is not { } text)
            {
                return null;
            }

            var json = JsonElement.Parse(text);
            return wire.Version == 2
                ? (json[1].GetString(), json[2].GetString()!, json[3].GetString()!, json[4])
                : (json.GetProperty("ref").GetString(), json.GetProperty("topic").GetString()!,
                    json.GetProperty("event").GetString()!, json.GetProperty("payload"));
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            return null;
        }
    }

    /// <summary>
    /// Closes as a browser does when its page is closed, where the transport can; the server answers.
    /// </summary>
    public async Task CloseAsync()
    {
        _isClosing = true;
        try
        {
            await (frames?.SendFrameAsync(CloseFrame, [0x03, 0xE8]) ?? Task.CompletedTask); // 1000
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // The reader notices, too.
        }
    }

    /// <summary>Resets the connection.</summary>
    public void Cut()
    {
        if (!IsCut)
        {
            _cut.Cancel();
            frames?.Reset();
        }
    }

    public void Dispose()
    {
        _cut.Cancel();
        frames?.Dispose();
        polls?.Dispose();
    }

    private static bool IsEnd(Exception exception) =>
        exception is IOException or HttpRequestException or ObjectDisposedException or OperationCanceledException
            or System.Net.Sockets.SocketException;

    // phoenix.js (longpoll.js, batchSend) starts over when a POST is not answered with 200.
    private async Task PostAsync(string text)
    {
        var answer =
            await (wire.Version == 2 ? polls!.PostAsync(text) : polls!.PostBodyAsync(text, "application/json"));
        if (answer.Status != 200)
        {
            Cut();
        }
    }

    private async Task<string?> ReadFrameAsync()
    {
        if (await frames!.ReadFrameAsync() is not { } frame)
        {
            return null;
        }

        if (frame.Opcode == CloseFrame)
        {
            CloseCode = BinaryPrimitives.ReadUInt16BigEndian(frame.Payload);
            if (!_isClosing)
            {
                await frames.SendFrameAsync(CloseFrame, frame.Payload); // as every browser does
            }

            return null;
        }

        return Encoding.UTF8.GetString(frame.Payload);
    }

    private async Task<string?> ReadPollAsync()
    {
        while (_polled.Count == 0)
        {
            var answer = await polls!.PollAsync(_cut.Token);
            if (answer.Status is not (200 or 204))
            {
                return null; // 410: the session has ended, and phoenix.js connects anew
            }

            foreach (var message in answer.Messages)
            {
                _polled.Enqueue(message);
            }
        }

        return _polled.Dequeue();
    }
}
