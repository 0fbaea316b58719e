using System.IO.Compression;
using System.Net;
using System.Threading.RateLimiting;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>
/// A socket in an application with all middleware of ASP.NET Core that cuts off, caches, changes or repeats answers.
/// </summary>
public sealed class HostMiddlewareTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Poll_waits_longer_than_the_default_request_timeout()
    {
        await using var app = await StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync("""["1","1","room:a","phx_join",{}]""");
        await client.ReadAsync(1);

        var poll = client.PollAsync(CancellationToken);
        await TimeOutAsync(app);
        app.Endpoint.Broadcast("room:a", "news", Payload.FromJson("{}"u8.ToArray()));

        var answer = await poll;
        Assert.Equal((HttpStatusCode.OK, 200), (answer.HttpStatus, answer.Status));
        Assert.Equal(["""[null,null,"room:a","news",{}]"""], answer.Messages);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // the request lasts as long as the socket
    public async Task Socket_lives_longer_than_the_default_request_timeout(bool usePhoenix)
    {
        await using var app = await StartAsync(usePhoenix);
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        await TimeOutAsync(app);
        app.Endpoint.Broadcast("room:a", "news", Payload.FromJson("{}"u8.ToArray()));

        Assert.Equal("""[null,null,"room:a","news",{}]""", await client.ReadTextAsync());
    }

    [Fact]
    public async Task Poll_is_never_answered_from_the_output_cache()
    {
        await using var app = await StartAsync();
        using var first = await LongPollClient.OpenAsync(app.Address);
        using var second = await LongPollClient.OpenAsync(app.Address);

        Assert.NotEqual(first.Token, second.Token);
        using var http = new HttpClient();
        var cached = await http.GetStringAsync(new Uri(app.Address, "/count"), CancellationToken);
        // The output cache does work for other answers.
        Assert.Equal(cached, await http.GetStringAsync(new Uri(app.Address, "/count"), CancellationToken));
    }

    [Fact]
    public async Task Poll_can_be_compressed()
    {
        await using var app = await StartAsync();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("Accept-Encoding", "gzip");

        using var answer = await http.GetAsync(new Uri(app.Address, "/socket/longpoll?vsn=2.0.0"), CancellationToken);

        await using var body = await answer.Content.ReadAsStreamAsync(CancellationToken);
        await using var plain = answer.Content.Headers.ContentEncoding.Contains("gzip")
            ? new GZipStream(body, CompressionMode.Decompress)
            : body;
        using var reader = new StreamReader(plain);
        var json = await reader.ReadToEndAsync(CancellationToken);
        Assert.StartsWith("""{"status":410,"token":""", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_keeps_its_body_under_status_code_pages()
    {
        await using var app = await StartAsync();

        using var socket = await FrameClient.ConnectAsync(app.Address, headers: ("Origin", "http://evil.example"));
        using var poll = await ConnectAttempt.MakeAsync(app, "longpoll", headers: ("Origin", "http://evil.example"));

        const string reason = "The origin http://evil.example is not allowed: add it to CheckOrigin.";
        Assert.Equal((403, reason), (socket.Status, await socket.ReadBodyAsync()));
        Assert.Equal((200, $$"""{"status":403,"reason":"{{reason}}"}"""), (poll.HttpStatus, poll.Body));
    }

    // This request begins after the one under test: when it times out, the other has lasted longer than the timeout.
    private static async Task TimeOutAsync(PhoenixApp app)
    {
        app.Logs.Expect("Timeout exception handled");
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(app.Address, "/slow"), CancellationToken);
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
    }

    private static Task<PhoenixApp> StartAsync(bool usePhoenix = true) => PhoenixApp.StartAsync(
        usePhoenix: usePhoenix,
        configureBuilder: builder => AddMiddleware(builder.Services),
        configureApp: app =>
        {
            UseMiddleware(app);
            app.MapGet("/slow", context => Task.Delay(Timeout.Infinite, context.RequestAborted));
            var count = 0;
            app.MapGet("/count", context => context.Response.WriteAsync($"{Interlocked.Increment(ref count)}"));
        });

    private static void AddMiddleware(IServiceCollection services)
    {
        services.AddRequestTimeouts(timeouts =>
            timeouts.DefaultPolicy = new RequestTimeoutPolicy { Timeout = TimeSpan.FromMilliseconds(50) });
        services.AddOutputCache(cache => cache.AddBasePolicy(policy => policy.Expire(TimeSpan.FromMinutes(1))));
        services.AddResponseCaching();
        services.AddResponseCompression();
        services.AddRequestDecompression();
        services.AddAntiforgery();
        MemoryKeys.Add(services); // for antiforgery
        services.AddHttpLogging();
        services.AddRateLimiter(limiter => limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(
            _ => RateLimitPartition.GetConcurrencyLimiter("all", _ => new() { PermitLimit = 100, QueueLimit = 0 })));
    }

    private static void UseMiddleware(WebApplication app)
    {
        app.UseExceptionHandler(errors => errors.Run(context => context.Response.WriteAsync("failed")));
        app.UseStatusCodePages();
        app.UseHttpLogging();
        app.UseResponseCompression();
        app.UseRequestDecompression();
        app.UseWebSockets();
        app.UseRateLimiter();
        app.UseAntiforgery();
        app.UseResponseCaching();
        app.UseRequestTimeouts();
        app.UseOutputCache();
    }
}
