using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>
/// <c>?vsn=</c>: docs/protocol.md, "Versions" (Elixir's <c>Version</c> against <c>~> 1.0.0</c> and
/// <c>~> 2.0.0</c>); reference transcript W2-W20; phoenix@167c469 websocket_channels_test.exs and
/// long_poll_channels_test.exs, "returns 403 when versions to not match", "refuses non-matching versions".
/// </summary>
public sealed class VersionTests
{
    [Theory]
    [InlineData("", 1)]
    [InlineData("vsn=1.0.0", 1)]
    [InlineData("vsn=1.0.5", 1)]
    [InlineData("vsn=1.0.1-rc.1", 1)]
    [InlineData("vsn=2.0.0", 2)]
    [InlineData("vsn=2.0.1", 2)]
    [InlineData("vsn=2.0.19", 2)]
    [InlineData("vsn=2.0.99999999999999999999", 2)]
    [InlineData("vsn=2.0.1-rc1", 2)] // a pre-release of a patch comes after 2.0.0
    [InlineData("vsn=2.0.1-0", 2)]
    [InlineData("vsn=2.0.1-a.1.b-c", 2)]
    [InlineData("vsn=2.0.1-1a", 2)]
    [InlineData("vsn=2.0.0%2Bbuild", 2)]
    [InlineData("vsn=2.0.0%2B01.x-y", 2)]
    [InlineData("vsn=2.0.1-rc1%2Bbuild.5", 2)]
    [InlineData("&vsn=2.0.0", 2)]
    [InlineData("vsn=2.0.0&", 2)]
    [InlineData("vsn=1.0.0&vsn=2.0.0", 2)]
    [InlineData("%76sn=%32.0.0", 2)]
    [InlineData("vsn=2.0.0&token=x&a%5Bb%5D=1&", 2)]
    public async Task Version_selects_the_serializer(string query, int version)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var attempt = await ConnectAttempt.MakeAsync(app, "websocket", query);
        using var client = new WireClient(attempt.Frames, version);
        using var poll = await ConnectAttempt.MakeAsync(app, "longpoll", query);

        Assert.Equal(101, attempt.Status);
        await client.AssertSilentAsync();
        Assert.Equal(410, poll.Status);
    }

    [Theory]
    [InlineData("vsn=3.0.0")]
    [InlineData("vsn=2.1.0")]
    [InlineData("vsn=2.1.0-rc1")]
    [InlineData("vsn=1.1.0")]
    [InlineData("vsn=0.9.0")]
    [InlineData("vsn=2.0")]
    [InlineData("vsn=2")]
    [InlineData("vsn=2.0.x")]
    [InlineData("vsn=2.0.01")]
    [InlineData("vsn=02.0.0")]
    [InlineData("vsn=2.00.0")]
    [InlineData("vsn=2.0.1-01")]
    [InlineData("vsn=2.0.0-rc1")] // a pre-release comes before 2.0.0
    [InlineData("vsn=2.0.0-rc1%2Bbuild")]
    [InlineData("vsn=2.0.1-")]
    [InlineData("vsn=2.0.1-a..b")]
    [InlineData("vsn=2.0.1-%C3%B8")]
    [InlineData("vsn=2.0.0%2B")]
    [InlineData("vsn=2.0.0+build")] // a plus in a query is a blank
    [InlineData("vsn=2.0.0.0")]
    [InlineData("vsn=v2.0.0")]
    [InlineData("vsn=-2.0.0")]
    [InlineData("vsn=%202.0.0")]
    [InlineData("vsn=2.0.0%0A")]
    [InlineData("vsn=2.0.%D9%A1")] // a digit, but not an ASCII one
    [InlineData("vsn=abc")]
    [InlineData("vsn=")]
    [InlineData("vsn")]
    [InlineData("vsn=%22")]
    [InlineData("vsn[]=2.0.0")] // 403 instead of 500 since Phoenix 1.8.6
    [InlineData("vsn%5Ba%5D=2.0.0")]
    [InlineData("vsn=2.0.0&vsn=3.0.0")]
    [InlineData("vsn=123.1.1")]
    public async Task Unsupported_version_is_refused_with_403(string query)
    {
        await using var app = await PhoenixApp.StartAsync();

        using var attempt = await ConnectAttempt.MakeAsync(app, "websocket", query);
        using var poll = await ConnectAttempt.MakeAsync(app, "longpoll", query);

        Assert.Equal(403, attempt.HttpStatus);
        Assert.Equal((200, """{"status":403}"""), (poll.HttpStatus, poll.Body));
        Assert.Empty(app.State.Connects);
    }
}
