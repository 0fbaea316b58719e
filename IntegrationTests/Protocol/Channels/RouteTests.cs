using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>A route that could never serve a join is refused when it is declared, that is, when the application
/// starts.</summary>
public sealed class RouteTests
{
    [Theory]
    [InlineData("room:*:x")]
    [InlineData("*room")]
    [InlineData("room:**")]
    [InlineData("")]
    [InlineData("lobby")]
    [InlineData("game:*")]
    [InlineData("game:chess")]
    [InlineData("game:chess:*")]
    public void Pattern_that_matches_no_topic_or_no_further_one_is_refused(string pattern)
    {
        var routes = new ChannelRoutes().Channel<DefaultChannel>("lobby").Channel<DefaultChannel>("game:*");

        var exception = Assert.Throws<ArgumentException>(() => routes.Channel<DefaultChannel>(pattern));

        Assert.Equal("topicPattern", exception.ParamName);
    }

    [Theory]
    [InlineData("game")]
    [InlineData("game*")]
    [InlineData("gam*")]
    [InlineData("lobby*")]
    [InlineData("lobby:*")]
    [InlineData("*")]
    public void Pattern_that_matches_further_topics_is_accepted(string pattern) =>
        new ChannelRoutes().Channel<DefaultChannel>("lobby").Channel<DefaultChannel>("game:*")
            .Channel<DefaultChannel>(pattern);

    [Fact]
    public void Error_names_an_unreachable_route_and_the_one_before_it()
    {
        var exception = Assert.Throws<ArgumentException>(
            () => new ChannelRoutes().Channel<DefaultChannel>("room:*").Channel<DefaultChannel>("room:lobby"));

        Assert.StartsWith(
            "The topic pattern \"room:lobby\" is never reached: \"room:*\", added before it, matches the same topics.",
            exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faulty_routes_stop_the_start() => Assert.Contains(
        "\"room:*:x\" may have one star",
        (await Assert.ThrowsAsync<ArgumentException>(MapAsync<FaultySocket>)).Message, StringComparison.Ordinal);

    [Fact]
    public void Channel_that_cannot_be_constructed_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new ChannelRoutes().Channel<Channel>("abstract"));
        Assert.Throws<ArgumentException>(() => new ChannelRoutes().Channel<PrivateChannel>("no public constructor"));
        Assert.Throws<ArgumentException>(() => new ChannelRoutes().Channel<AmbiguousChannel>("two constructors"));
    }

    [Fact]
    public async Task Socket_that_cannot_be_constructed_stops_the_start() =>
        await Assert.ThrowsAsync<ArgumentException>(MapAsync<PhoenixSocket>);

    [Fact]
    public void Channel_with_an_attribute_that_only_endpoints_honour_is_refused()
    {
        var onClass = Assert.Throws<ArgumentException>(() => new ChannelRoutes().Channel<AuthorizedChannel>("a"));
        var onBase = Assert.Throws<ArgumentException>(() => new ChannelRoutes().Channel<DerivedChannel>("a"));
        var onMethod = Assert.Throws<ArgumentException>(() => new ChannelRoutes().Channel<AuthorizedJoinChannel>("a"));

        Assert.StartsWith("[Authorize] on AuthorizedChannel has no effect.", onClass.Message, StringComparison.Ordinal);
        Assert.StartsWith("[Authorize] on DerivedChannel has no effect.", onBase.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "[Authorize] on AuthorizedJoinChannel.JoinAsync has no effect.",
            onMethod.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attribute_on_a_method_of_a_socket_stops_the_start() =>
        await Assert.ThrowsAsync<ArgumentException>(MapAsync<AuthorizedConnectSocket>);

    [Fact]
    public async Task Error_names_AddPhoenix_when_it_is_missing()
    {
        var builder = WebApplication.CreateSlimBuilder();
        await using var app = builder.Build();

        var exception = Assert.Throws<InvalidOperationException>(() => app.MapPhoenixSocket<PlainSocket>("/socket"));

        Assert.Contains("builder.Services.AddPhoenix()", exception.Message, StringComparison.Ordinal);
    }

    private static async Task MapAsync<TSocket>()
        where TSocket : PhoenixSocket =>
        await PhoenixApp.StartAsync(configureApp: app => app.MapPhoenixSocket<TSocket>("/faulty"));

    private sealed class FaultySocket : PhoenixSocket
    {
        private static readonly ChannelRoutes Routes = new ChannelRoutes().Channel<DefaultChannel>("room:*:x");

        protected override ChannelRoutes Channels => Routes;
    }

    private sealed class AuthorizedConnectSocket : PhoenixSocket
    {
        protected override ChannelRoutes Channels { get; } = new();

        [Authorize]
        protected override Task<ConnectResult> ConnectAsync(
            System.Text.Json.Nodes.JsonObject @params, ConnectInfo connectInfo, CancellationToken cancellationToken) =>
            Task.FromResult(ConnectResult.Ok());
    }

    [Authorize]
    private class AuthorizedChannel : Channel
    {
        protected override Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken) =>
            Task.FromResult(JoinResult.Ok());
    }

    private sealed class DerivedChannel : AuthorizedChannel;

    private sealed class AuthorizedJoinChannel : Channel
    {
        [Authorize]
        protected override Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken) =>
            Task.FromResult(JoinResult.Ok());
    }

    private sealed class PrivateChannel : Channel
    {
        private PrivateChannel()
        {
        }

        public static PrivateChannel Make() => new();

        protected override Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken) =>
            Task.FromResult(JoinResult.Ok());
    }

    private sealed class AmbiguousChannel : Channel
    {
        public AmbiguousChannel()
        {
        }

        public AmbiguousChannel(TestState state) => state.Open("never");

        protected override Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken) =>
            Task.FromResult(JoinResult.Ok());
    }
}
