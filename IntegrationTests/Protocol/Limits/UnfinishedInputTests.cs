using System.Security.Claims;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Builder;

namespace Kaffediem.IntegrationTests.Protocol.Limits;

/// <summary>How many bytes of unfinished messages and bodies the server holds.</summary>
public sealed class UnfinishedInputTests
{
    private const string Refused = "REFUSED a body or message";
    private const int Bytes = 20_000;

    [Fact]
    public async Task Fragmented_messages_of_one_address_are_bounded_together()
    {
        await using var app = await StartAsync(options => options.MaxUnfinishedBytesPerClient = 2 * Bytes);
        using var first = await app.ConnectAsync();
        using var second = await app.ConnectAsync();
        using var third = await app.ConnectAsync();
        foreach (var client in new[] { first, second })
        {
            await client.Frames.SendFrameAsync(0x1, new byte[Bytes], isFinal: false);
            await client.Frames.SendFrameAsync(0x9, []); // a ping: its pong proves that the fragment has arrived
            Assert.Equal(0xA, (await client.Frames.ReadFrameAsync())?.Opcode);
        }

        await third.Frames.SendFrameAsync(0x1, new byte[Bytes], isFinal: false);

        Assert.Equal(1013, await third.Frames.ReadCloseCodeAsync());
        Assert.Equal(1, app.Logs.Count(Refused));
        second.Frames.Reset();
        await UntilHeldAsync(app);
    }

    [Fact]
    public async Task Only_message_of_a_client_is_always_held_and_users_have_their_own_budget()
    {
        await using var app = await StartAsync(options => options.MaxUnfinishedBytes = Bytes);
        using var stranger = await ConnectAsync(app);
        using var user = await ConnectAsync(app, ("X-User", "anna"));
        using var other = await ConnectAsync(app, ("X-User", "bo"));
        foreach (var frames in new[] { stranger, user })
        {
            await frames.SendFrameAsync(0x1, new byte[Bytes + 10_000], isFinal: false);
            await frames.SendFrameAsync(0x9, []);
            Assert.Equal(0xA, (await frames.ReadFrameAsync())?.Opcode);
        }

        await other.SendFrameAsync(0x1, new byte[Bytes], isFinal: false);

        Assert.Equal(1013, await other.ReadCloseCodeAsync());
    }

    [Theory]
    [InlineData(nameof(PhoenixOptions.MaxUnfinishedBytesPerClient), 429)]
    [InlineData(nameof(PhoenixOptions.MaxUnfinishedBytes), 503)]
    public async Task Long_poll_bodies_count_until_they_are_answered(string limit, int status)
    {
        await using var app = await StartAsync(options =>
            typeof(PhoenixOptions).GetProperty(limit)!.SetValue(options, 2L * Bytes));
        using var client = await LongPollClient.OpenAsync(app.Address);
        using var small = await LongPollClient.OpenAsync(app.Address);
        var lines = new string('\n', 2 * Bytes);
        var endless = await SendEndlessAsync(app, client);
        try
        {
            await Polling.UntilAsync(async () =>
            {
                if (endless.Available == 0)
                {
                    return (int)(await client.PostBodyAsync(lines, "application/x-ndjson")).HttpStatus == status;
                }

                // The post arrived first and was held, so the endless body was refused.
                endless.Dispose();
                endless = await SendEndlessAsync(app, client);
                return false;
            });

            Assert.Equal(200, (await small.PostAsync("""["1","1","room:a","phx_join",{}]""")).Status);
        }
        finally
        {
            endless.Dispose();
        }
    }

    private static Task<RawConnection> SendEndlessAsync(PhoenixApp app, LongPollClient client) =>
        RawConnection.RequestAsync(
            app.Address, $"POST /socket/longpoll?vsn=2.0.0&token={client.Token}",
            "Content-Type: application/x-ndjson", $"Content-Length: {4 * Bytes}", "", new string('x', Bytes + 5_000));

    // Only the server knows when the bytes of a request have arrived, and when a client has left.
    private static Task UntilHeldAsync(PhoenixApp app) => Polling.UntilAsync(async () =>
    {
        using var client = await app.ConnectAsync();
        await client.Frames.SendFrameAsync(0x1, new byte[Bytes], isFinal: false);
        await client.Frames.SendFrameAsync(0x9, []);
        return (await client.Frames.ReadFrameAsync())?.Opcode == 0xA;
    });

    private static async Task<PhoenixApp> StartAsync(Action<PhoenixOptions> configure)
    {
        var app = await PhoenixApp.StartAsync(configure, configureApp: app => app.Use((context, next) =>
        {
            if ((string?)context.Request.Headers["X-User"] is { } user)
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], "test"));
            }

            return next(context);
        }));
        app.Logs.Expect(Refused);
        return app;
    }

    private static Task<FrameClient> ConnectAsync(PhoenixApp app, params (string Name, string? Value)[] headers) =>
        FrameClient.ConnectAsync(app.Address, "/socket/websocket?vsn=2.0.0", "GET", headers);
}
