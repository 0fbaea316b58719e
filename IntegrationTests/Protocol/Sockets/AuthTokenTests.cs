using System.Collections.Concurrent;
using System.Text;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.Logging;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>The <c>authToken</c> of phoenix.js 1.8: docs/protocol.md, "Auth token".</summary>
public sealed class AuthTokenTests
{
    private const string Bearer = "base64url.bearer.phx.";

    // Lengths 0, 1 and 2 modulo 3, and texts whose base64 has both characters in which the alphabets differ.
    [Theory]
    [InlineData("secret")]
    [InlineData("secret1")]
    [InlineData("secret12")]
    [InlineData("???>>>~~~ø☕")]
    [InlineData("SFMyNTY.g2gDYQFuBgBkQ3-sAWIAAVGA.Xk_9")]
    [InlineData(" ")]
    public async Task Token_is_read_in_both_base64_alphabets_with_and_without_padding(string token)
    {
        await using var app = await PhoenixApp.StartAsync();
        var standard = Convert.ToBase64String(Encoding.UTF8.GetBytes(token));
        var url = standard.Replace('+', '-').Replace('/', '_');

        foreach (var base64 in new[] { standard, standard.TrimEnd('='), url, url.TrimEnd('=') })
        {
            using var attempt = await OfferAsync(app, "phoenix, " + Bearer + base64);

            Assert.Equal(101, attempt.Status);
            Assert.True(app.State.Connects.TryDequeue(out var connect));
            Assert.Equal(token, connect.Info.AuthToken);
        }
    }

    // A browser that offered subprotocols disconnects unless the server echoes one of them.
    [Theory]
    [InlineData("phoenix, #")]
    [InlineData("#, phoenix")]
    [InlineData("#,chat,phoenix")]
    [InlineData("phoenix\r\nSec-WebSocket-Protocol: #")]
    public async Task Server_echoes_phoenix_and_never_the_bearer(string offered)
    {
        await using var app = await PhoenixApp.StartAsync();

        using var attempt = await OfferAsync(app, offered.Replace("#", Bearer + "c2VjcmV0", StringComparison.Ordinal));

        Assert.Equal(101, attempt.Status);
        Assert.Contains("Sec-WebSocket-Protocol: phoenix\r\n", attempt.Frames.ResponseHead, StringComparison.Ordinal);
        Assert.DoesNotContain("bearer", attempt.Frames.ResponseHead, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("secret", Assert.Single(app.State.Connects).Info.AuthToken);
    }

    // Phoenix removes the bearer from the header before it compares subprotocols; the rest counts as the offer.
    [Theory]
    [InlineData("#", null)]
    [InlineData("phoenix, #", "phoenix")]
    [InlineData("chat, #, phoenix", "chat, phoenix")]
    public async Task Token_is_not_among_the_headers(string offered, string? remaining)
    {
        await using var app = await PhoenixApp.StartAsync(configureSocket: options => options.Subprotocols.Add("sip"));

        using var attempt = await OfferAsync(app, offered.Replace("#", Bearer + "c2VjcmV0", StringComparison.Ordinal));

        Assert.Equal(101, attempt.Status);
        var info = Assert.Single(app.State.Connects).Info;
        Assert.Equal("secret", info.AuthToken);
        Assert.Equal(remaining, info.Headers.GetValueOrDefault("Sec-WebSocket-Protocol"));
        Assert.DoesNotContain(info.Headers.Values, value => value.Contains("c2VjcmV0", StringComparison.Ordinal));
    }

    // Phoenix raises on garbage, which is a 500, and treats two tokens as none.
    [Theory]
    [InlineData("phoenix, #!!!")]
    [InlineData("phoenix, #a")]
    [InlineData("phoenix, #YQ=Q")]
    [InlineData("phoenix, #====")]
    [InlineData("phoenix, #%41%41")]
    [InlineData("phoenix, #YW Jj")]
    [InlineData("phoenix, #_w")] // one byte, FF: not UTF-8
    [InlineData("phoenix, #YQ, #YQ")]
    [InlineData("phoenix, #YQ\r\nSec-WebSocket-Protocol: #Yg")]
    [InlineData("phoenix, #YQ, #!!!")]
    public async Task Garbage_and_two_tokens_are_refused_with_403(string offered)
    {
        await using var app = await PhoenixApp.StartAsync();

        using var attempt = await OfferAsync(app, offered.Replace("#", Bearer, StringComparison.Ordinal));

        Assert.Equal(403, attempt.Status);
        Assert.DoesNotContain(
            "Sec-WebSocket-Protocol", attempt.Frames.ResponseHead, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(app.State.Connects);
    }

    [Fact]
    public async Task Long_poll_token_comes_unencoded_in_a_header_and_counts_when_the_session_is_opened()
    {
        await using var app = await PhoenixApp.StartAsync();

        using var attempt = await ConnectAttempt.MakeAsync(
            app, "longpoll", "vsn=2.0.0", "/socket", ("X-Phoenix-AuthToken", "???>>>=="));
        using var answer = await ConnectAttempt.SendAsync(
            app, "POST", "/socket/longpoll?vsn=2.0.0&token=" + attempt.Token,
            new StringContent("""[null,"1","phoenix","heartbeat",{}]"""), ("X-Phoenix-AuthToken", "another"));
        using var poll = await ConnectAttempt.MakeAsync(
            app, "longpoll", "vsn=2.0.0&token=" + attempt.Token, "/socket", ("X-Phoenix-AuthToken", "another"));

        Assert.Equal(200, poll.Status);
        var info = Assert.Single(app.State.Connects).Info;
        Assert.Equal("???>>>==", info.AuthToken);
        Assert.DoesNotContain("X-Phoenix-AuthToken", info.Headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Each_transport_has_its_own_place_for_the_token()
    {
        await using var app = await PhoenixApp.StartAsync();

        using var attempt = await ConnectAttempt.MakeAsync(
            app, "websocket", "vsn=2.0.0", "/socket", ("X-Phoenix-AuthToken", "secret"));
        using var poll = await ConnectAttempt.MakeAsync(
            app, "longpoll", "vsn=2.0.0", "/socket", ("Sec-WebSocket-Protocol", $"phoenix, {Bearer}c2VjcmV0"));

        Assert.Equal([null, null], app.State.Connects.Select(connect => connect.Info.AuthToken));
        Assert.All(app.State.Connects, connect => Assert.DoesNotContain(
            connect.Info.Headers.Values,
            value => value.Contains("secret", StringComparison.Ordinal)
                || value.Contains("c2V", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Token_is_logged_at_no_level()
    {
        using var log = new EverythingLogged();
        await using var app = await PhoenixApp.StartAsync(
            configureBuilder: builder => builder.Logging
                .SetMinimumLevel(LogLevel.Trace)
                .AddFilter("Microsoft.AspNetCore", LogLevel.Trace)
                .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Trace)
                .AddProvider(log));
        app.Logs.Expect("InvalidOperationException: secret"); // the crash, whose text is not the token
        string[] offers = ["Zm9vYmFyMTIz", "Zm9vYmFyMTIz, " + Bearer + "Zm9vYmFyMTIz", "Zm9vYmFyMTIz!"];

        foreach (var query in new[] { "vsn=2.0.0", "vsn=9.0.0", "vsn=2.0.0&deny=401", "vsn=2.0.0&crash=1" })
        {
            foreach (var offered in offers)
            {
                using var attempt = await OfferAsync(app, "phoenix, " + Bearer + offered, query);
            }

            using var poll = await ConnectAttempt.MakeAsync(
                app, "longpoll", query, "/socket", ("X-Phoenix-AuthToken", "foobar123"));
        }

        await app.StopAsync();
        Assert.Contains(log.Entries, entry => entry.Contains("/socket/websocket", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Entries, entry => entry.Contains("foobar123", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Entries, entry => entry.Contains("Zm9vYmFyMTIz", StringComparison.Ordinal));
    }

    private static Task<ConnectAttempt> OfferAsync(PhoenixApp app, string offered, string query = "vsn=2.0.0") =>
        ConnectAttempt.MakeAsync(app, "websocket", query, "/socket", ("Sec-WebSocket-Protocol", offered));

    private sealed class EverythingLogged : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Entries { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            Entries.Enqueue($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Entries.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
            // The test reads the entries after the application has stopped.
        }
    }
}
