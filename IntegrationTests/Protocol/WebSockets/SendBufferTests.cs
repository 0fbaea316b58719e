using System.Text;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>
/// The flush thread gathers the frames of every connection in one buffer. Bytes that the kernel does not accept at once
/// must leave that buffer before the thread turns to the next connection.
/// </summary>
public sealed class SendBufferTests
{
    private const int Rounds = 40;
    private const int LateFramesPerRound = 100; // of 1 kB each, so that many share the buffer
    private const int ReadPerRound = 40; // fewer than are sent, so that the kernel stops in the middle of the buffer

    [Fact]
    public async Task Late_reader_gets_its_own_frames_and_not_those_of_another()
    {
        await using var app = await PhoenixApp.StartAsync(
            options => options.MaxOutboxBytes = 64 * 1024 * 1024, time: new FakeTimeProvider());
        using var meter = new MeterReader(app);
        using var late = await app.ConnectAsync();
        using var prompt = await app.ConnectAsync();
        late.Frames.ReceiveBufferSize = 64 * 1024;
        await late.JoinAsync("room:late");
        await prompt.JoinAsync("room:prompt");

        var (sent, read, longestQueue) = (0, 0, 0L);
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < LateFramesPerRound; i++)
            {
                app.Endpoint.Broadcast("room:late", "news", Text(sent++, 1000));
            }

            // Fills the buffer from its start, while the rest of the frames above may still wait for the kernel.
            app.Endpoint.Broadcast("room:prompt", "news", Text(round, 60_000));
            await AssertNextAsync(prompt, round, 60_000);
            longestQueue = Math.Max(longestQueue, meter.Observe("phoenix.outbox.bytes"));
            for (var i = 0; i < ReadPerRound; i++)
            {
                await AssertNextAsync(late, read++, 1000);
            }
        }

        Assert.True(longestQueue > 0, "The kernel accepted every frame at once: the test proves nothing.");
        while (read < sent)
        {
            await AssertNextAsync(late, read++, 1000);
        }
    }

    private static async Task AssertNextAsync(WireClient client, int number, int length) =>
        Assert.Equal(Content(number, length), (string?)(await client.ReceiveAsync()).Payload?["text"]);

    private static Payload Text(int number, int length) =>
        Payload.FromJson(Encoding.UTF8.GetBytes($$"""{"text":"{{Content(number, length)}}"}"""));

    private static string Content(int number, int length) =>
        $"{number} " + new string((char)('a' + (number % 26)), length);
}
