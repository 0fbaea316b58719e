using System.Text.Json.Nodes;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>
/// The assigns of sockets and channels: phoenix@167c469 <c>socket_test.exs</c> 51-84; a channel begins with a copy of
/// its socket's assigns and then has its own (phoenix@167c469 <c>channel/server.ex</c>, join/4).
/// </summary>
public sealed class AssignsTests
{
    [Fact]
    public void Value_is_read_with_the_type_it_was_set_with()
    {
        var assigns = new Assigns();
        assigns.Set("number", 1);
        assigns.Set("text", "x");
        assigns.Set("number", 2);

        Assert.Equal(2, assigns.Get<int>("number"));
        Assert.True(assigns.TryGet<string>("text", out var text));
        Assert.Equal("x", text);
        Assert.Equal("x", assigns.Get<object>("text"));
    }

    [Fact]
    public void Missing_value_or_value_of_another_type_is_not_found()
    {
        var assigns = new Assigns();
        assigns.Set("number", 1);

        Assert.False(assigns.TryGet<int>("Number", out _));
        Assert.False(assigns.TryGet<string>("number", out _));
        Assert.Throws<KeyNotFoundException>(() => assigns.Get<int>("Number"));
        Assert.Throws<InvalidCastException>(() => assigns.Get<string>("number"));
    }

    [Fact]
    public void Values_may_be_set_from_many_threads()
    {
        var assigns = new Assigns();

        Parallel.For(0, 1000, i => assigns.Set($"{i}", i));

        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal(i, assigns.Get<int>($"{i}")));
    }

    [Fact]
    public async Task Channel_begins_with_a_copy_of_its_sockets_assigns_and_then_has_its_own()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();

        // The socket's constructor set it.
        Assert.Equal(1, (int?)(await client.JoinAsync("assigns:a", "\"1\"")).Response);
        await client.SendAsync("\"1\"", "\"2\"", "assigns:a", "count");
        Assert.Equal(2, (int?)(await client.ReceiveAsync()).Response);
        Assert.Equal(1, (int?)(await client.JoinAsync("assigns:b", "\"3\"")).Response);
        await client.SendAsync("\"1\"", "\"4\"", "assigns:a", "count_socket");
        Assert.Equal(2, (int?)(await client.ReceiveAsync()).Response);
        await client.SendAsync("\"1\"", "\"5\"", "assigns:a", "count_socket");
        Assert.Equal(2, (int?)(await client.ReceiveAsync()).Response);
        Assert.Equal(3, (int?)(await client.JoinAsync("assigns:c", "\"6\"")).Response);
        await client.SendAsync("\"3\"", "\"7\"", "assigns:b", "count");
        Assert.Equal(2, (int?)(await client.ReceiveAsync()).Response);
    }
}

/// <summary>Counts in its own assigns and in those of its socket.</summary>
internal sealed class AssignsChannel : Channel
{
    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken) =>
        Task.FromResult(JoinResult.Ok(Number(Assigns)));

    protected override Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        var counted = @event == "count_socket" ? Socket.Assigns : Assigns;
        counted.Set("number", counted.Get<int>("number") + 1);
        return Task.FromResult(PushResult.Ok(Number(Assigns)));
    }

    private static Payload Number(Assigns assigns) =>
        Payload.From(JsonValue.Create(assigns.Get<int>("number")));
}
