using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol;

/// <summary>
/// A crash is logged once, with topic and event and never with the payload (issue 3, point 6), whichever callback it was
/// in; the client is told as spec/protocol.md section 3 says.
/// </summary>
public sealed class CrashTests
{
    [Theory]
    [InlineData("join", "phx_join")]
    [InlineData("in", "push")]
    [InlineData("out", "out")]
    [InlineData("terminate", "TerminateAsync")]
    public async Task A_crash_is_logged_once_without_the_payload(string where, string logged)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect($"A channel of topic \"crashing:a\" crashed in \"{logged}\"");
        using var client = await app.ConnectAsync();

        var joined = await client.JoinAsync("crashing:a", payload: $$"""{"where":"{{where}}","password":"hunter2"}""");
        if (where != "join")
        {
            await client.SendAsync("\"1\"", "\"2\"", "crashing:a", "push", """{"password":"hunter2"}""");
            app.Endpoint.Broadcast("crashing:a", "out", Payload.FromJson("""{"password":"hunter2"}"""u8.ToArray()));
            await client.SendAsync("\"1\"", "\"3\"", "crashing:a", "phx_leave");
            await AssertLeftAsync(client, where);
        }

        Assert.Equal(where == "join" ? "join crashed" : null, joined.Reason);
        Assert.Equal(1, app.Logs.Count("crashed in"));
        Assert.Equal(1, app.Logs.Count("System.InvalidOperationException"));
        Assert.Equal(1, app.Logs.Count("Caused by System.FormatException"));
        Assert.Equal(1, app.Logs.Count("CrashingChannel.CrashIn"));
        Assert.Equal(0, app.Logs.Count("hunter2"));
    }

    // Push, broadcast and leave are handled in the order in which they came; a crash before the leave ends the channel.
    private static async Task AssertLeftAsync(WireClient client, string where)
    {
        var isCrashed = false;
        while (true)
        {
            var message = await client.ReceiveAsync();
            if (message.Event == "phx_error")
            {
                Assert.Equal("channel_crash", (string?)message.Payload?["reason"]);
                isCrashed = true;
            }
            else if (message.Ref?.ToJsonString() == "\"3\"")
            {
                break;
            }
        }

        Assert.Equal(where != "terminate", isCrashed);
        if (!isCrashed)
        {
            Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
        }

        // TerminateAsync is done before the topic can be joined again.
        await client.SendAsync("\"4\"", "\"4\"", "crashing:a", "phx_join", """{"where":""}""");
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
    }
}
