using Kaffediem.Protocol;
using Kaffediem.Protocol.Testing;

namespace Chat.Tests;

public sealed class ChatSocket : PhoenixSocket
{
    private static readonly ChannelRoutes Routes = new ChannelRoutes().Channel<RoomChannel>("room:*");

    protected override ChannelRoutes Channels => Routes;
}

public sealed class RoomChannel : Channel
{
    protected override Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken) =>
        Task.FromResult(Topic == "room:secret" ? JoinResult.Error("no such room") : JoinResult.Ok());

    protected override Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        BroadcastFrom(@event, payload);
        return Task.FromResult(PushResult.Ok());
    }
}

public sealed class RoomTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Shout_reaches_the_others_in_the_room(int version)
    {
        await using var phoenix = PhoenixTest.For<ChatSocket>();
        var ann = await phoenix.ConnectAsync(options: new ClientOptions { Version = version });
        var bob = await phoenix.ConnectAsync(new { name = "bob" });
        var speaker = await ann.JoinAsync("room:lobby");
        var listener = await bob.JoinAsync("room:lobby");

        var push = speaker.Push("shout", new { text = "hello" });

        await push.ExpectReplyAsync("ok");
        await listener.ExpectPushAsync("shout", new { text = "hello" });
        await speaker.ExpectBroadcastAsync("shout");
        await speaker.ExpectNothingAsync();
    }

    [Fact]
    public async Task Join_of_the_secret_room_is_refused()
    {
        await using var phoenix = PhoenixTest.For<ChatSocket>();
        var ann = await phoenix.ConnectAsync();

        var refusal = await ann.ExpectRefusedJoinAsync("room:secret");

        Assert.Equal("no such room", (string?)refusal.ToNode()!["reason"]);
    }
}
