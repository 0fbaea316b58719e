using Kaffediem.IntegrationTests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Pipeline;

/// <summary>
/// Faults of the server itself: each is answered with a 500, and each kind is logged once a minute with its trace,
/// however often a client causes it.
/// </summary>
public sealed class UnexpectedErrorTests
{
    private const string Failed = "A request has failed.";

    [Theory]
    [InlineData("/fails", 500)]
    [InlineData("/socket/fails", 500)]
    [InlineData("/fails-at-the-file", 503)]
    public async Task Failure_is_logged_once_a_minute_with_the_number_of_unlogged_ones(string path, int status)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = Start(time);
        server.Logs.Expect(Failed);
        using var client = server.CreateClient();

        for (var i = 0; i < 5; i++)
        {
            (await client.GetAsync(path)).Is(status);
        }

        Assert.Equal(1, server.Logs.Count("Not logged since the last such line: 0."));
        Assert.Equal(1, server.Logs.Count("UnexpectedErrorTests"));
        time.Advance(TimeSpan.FromMinutes(1));
        (await client.GetAsync(path)).Is(status);
        Assert.Equal(1, server.Logs.Count("Not logged since the last such line: 4."));
        Assert.Equal(2, server.Logs.Count(Failed));
    }

    [Fact]
    public async Task Failures_in_different_places_are_logged_separately()
    {
        await using var server = Start(new FakeTimeProvider(DateTimeOffset.UtcNow));
        server.Logs.Expect(Failed);
        using var client = server.CreateClient();

        foreach (var path in new[] { "/fails", "/fails-elsewhere", "/fails", "/fails-elsewhere" })
        {
            (await client.GetAsync(path)).Is(500, """{"errors":{"detail":"Internal Server Error"}}""");
        }

        Assert.Equal(2, server.Logs.Count(Failed));
    }

    [Fact]
    public async Task Answer_that_fails_half_way_is_cut_off_and_logged_once()
    {
        await using var server = Start(new FakeTimeProvider(DateTimeOffset.UtcNow));
        server.Logs.Expect(Failed);
        using var http = new HttpClient { BaseAddress = server.BaseAddress };

        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(
                () => http.GetStringAsync("/half", TestContext.Current.CancellationToken));
        }

        Assert.Equal(1, server.Logs.Count(Failed));
        Assert.Equal(1, server.Logs.Count(""));
    }

    private static KaffediemServer Start(TimeProvider time) => KaffediemServer.Start(new ServerSetup
    {
        ConfigureServices = services => services.AddSingleton(time).AddSingleton<IStartupFilter, Faults>(),
    });

    // Requests that match no endpoint come here, inside the server's own pipeline.
    private sealed class Faults : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            next(app);
            app.Run(context => context.Request.Path.Value switch
            {
                "/fails" or "/socket/fails" => throw new InvalidOperationException("A fault."),
                "/fails-elsewhere" => FailElsewhere(),
                "/fails-at-the-file" => throw new IOException("No room.", 28),
                "/half" => FailHalfWayAsync(context),
                _ => Task.CompletedTask,
            });
        };

        private static Task FailElsewhere() => throw new InvalidOperationException("A fault.");

        private static async Task FailHalfWayAsync(HttpContext context)
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("half");
            throw new InvalidOperationException("A fault.");
        }
    }
}
