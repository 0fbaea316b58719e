using Microsoft.AspNetCore.Server.Kestrel.Core;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Builder;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>
/// <see cref="PhoenixKestrelExtensions.UsePhoenix(KestrelServerOptions)"/>: a socket outlives the request that opened
/// it.
/// </summary>
public sealed class TakeoverTests
{
    private readonly TaskCompletionSource _ended = new();

    [Fact]
    public async Task Request_ends_with_its_answer_under_UsePhoenix()
    {
        await using var app = await StartAsync(usePhoenix: true);
        using var client = await app.ConnectAsync();

        await _ended.Task.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        await client.JoinAsync("room:a");
        await CloseAsync(client);
    }

    [Fact]
    public async Task Request_lasts_as_long_as_its_socket_without_UsePhoenix()
    {
        await using var app = await StartAsync(usePhoenix: false);
        using var client = await app.ConnectAsync();

        await client.JoinAsync("room:a");
        Assert.False(_ended.Task.IsCompleted);
        await CloseAsync(client);
        await _ended.Task.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
    }

    private Task<PhoenixApp> StartAsync(bool usePhoenix) => PhoenixApp.StartAsync(
        configureApp: app => app.Use(async (context, next) =>
        {
            await next(context);
            _ended.TrySetResult();
        }),
        usePhoenix: usePhoenix);

    private static async Task CloseAsync(WireClient client)
    {
        await client.Frames.SendFrameAsync(0x8, [3, 232]);
        Assert.Equal(1000, await client.Frames.ReadCloseCodeAsync());
        Assert.True(await client.Frames.ReadEndAsync());
    }
}
