using Kaffediem.IntegrationTests.Persistence.Writing;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Reliability.Overload;

/// <summary>
/// <c>/health/ready</c> and <c>/health/live</c> when something other than too many writes is wrong:
/// see <see cref="OverloadTests"/> for these.
/// </summary>
[Experiment("Overload")]
public sealed class ReadinessTests
{
    private const string Ready = """{"status":"ok","reasons":[]}""";
    private const string Moved =
        """{"status":"unavailable","reasons":["Writes fail: The database is no longer the file that was opened."]}""";

    private const string Failing = "Further failures of this kind are counted, not logged.";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task It_is_not_ready_from_a_write_that_the_disk_fails_to_one_that_succeeds()
    {
        await using var server = await StartAsync();
        using var client = server.CreateClient();
        await FailAsync(server, client);

        (await client.GetAsync("/health/ready")).Is(503, Moved);
        (await client.GetAsync("/health/live")).Is(200, """{"status":"ok"}""");

        File.Move(server.DatabasePath + "-elsewhere", server.DatabasePath);
        (await client.GetAsync("/health/ready")).Is(503, Moved);
        // What writes nothing proves nothing.
        (await client.DeleteAsync($"{ShopFolder.Orders}/999")).Is(404);
        (await client.GetAsync("/health/ready")).Is(503, Moved);
        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);
        (await client.GetAsync("/health/ready")).Is(200, Ready);
    }

    [Fact]
    public async Task It_finds_out_by_itself_that_the_disk_has_recovered_and_changes_nothing_by_that()
    {
        await using var server = await StartAsync();
        using var client = server.CreateClient();
        var before = ShopFolder.Dump(server.DatabasePath);
        await FailAsync(server, client);
        // It still does not work.
        _time.Advance(TimeSpan.FromSeconds(5));
        (await client.GetAsync("/health/ready")).Is(503, Moved);

        File.Move(server.DatabasePath + "-elsewhere", server.DatabasePath);
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(5), UntilReadyAsync(client));

        Assert.Equal(before, ShopFolder.Dump(server.DatabasePath));
    }

    [Fact]
    public async Task A_row_of_failures_is_logged_once()
    {
        await using var server = await StartAsync();
        using var client = server.CreateClient();
        await FailAsync(server, client);
        for (var i = 0; i < 20; i++)
        {
            (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(503);
        }

        File.Move(server.DatabasePath + "-elsewhere", server.DatabasePath);
        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);
        Assert.Equal(1, server.Logs.Count(Failing));

        await FailAsync(server, client);
        Assert.Equal(2, server.Logs.Count(Failing));
        File.Move(server.DatabasePath + "-elsewhere", server.DatabasePath);
    }

    [Fact]
    public async Task It_is_not_ready_while_the_disk_hangs()
    {
        await using var server = await StartAsync();
        using var client = server.CreateClient();
        var held = await HeldWriter.StartAsync(server.Services.GetRequiredService<Database>());
        _time.Advance(TimeSpan.FromSeconds(4.9));
        (await client.GetAsync("/health/ready")).Is(200, Ready);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        (await client.GetAsync("/health/ready")).Is(
            503, """{"status":"unavailable","reasons":["A write has been under way for 5 seconds."]}""");
        (await client.GetAsync("/health/live")).Is(200);

        await held.ReleaseAsync();
        await UntilReadyAsync(client);
    }

    [Fact]
    public async Task It_is_not_ready_while_changes_cannot_be_broadcast()
    {
        await using var server = await StartAsync();
        server.Logs.Expect("could not be broadcast; trying again");
        using var client = server.CreateClient();
        using var screen = await ScreenClient.JoinAsync(server.BaseAddress, "order");
        SqliteFile.Execute(server.DatabasePath, """
            CREATE TRIGGER broken AFTER INSERT ON change_log
            BEGIN UPDATE change_log SET before = '"unreadable"' WHERE seq = NEW.seq; END
            """);

        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);
        await client.UntilReadinessAsync(answer => answer.Status == 503);
        (await client.GetAsync("/health/ready")).Is(
            503,
            """{"status":"unavailable","reasons":["Changes cannot be read and broadcast; it is tried every second."]}""");

        SqliteFile.Execute(server.DatabasePath, "DROP TRIGGER broken; UPDATE change_log SET before = NULL");
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), UntilReadyAsync(client));
        await screen.ReachAsync(server.Services.GetRequiredService<Database>().LastSeq);
        Assert.Single(screen.Changes);
    }

    [Fact]
    public async Task It_is_not_ready_when_the_server_shuts_down()
    {
        await using var server = await StartAsync();
        using var client = server.CreateClient();
        RestAnswer? ready = null, live = null;
        // It still listens when it has just been told to.
        server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() =>
        {
            ready = client.GetAsync("/health/ready").GetAwaiter().GetResult();
            live = client.GetAsync("/health/live").GetAwaiter().GetResult();
        });

        await server.StopAsync();

        ready!.Is(503, """{"status":"unavailable","reasons":["The server is shutting down."]}""");
        live!.Is(200);
    }

    private async Task<KaffediemServer> StartAsync()
    {
        var started = new StartSignal();
        var server = KaffediemServer.Start(new ServerSetup
        {
            ConfigureServices = services => services
                .AddSingleton<TimeProvider>(_time)
                .AddSingleton<ILoggerProvider>(started),
        });
        server.Logs.Expect(Failing);
        // What begins with the server may not be done yet when its file is moved away.
        server.Logs.Expect("The change log could not be pruned");
        server.Logs.Expect("Unused images could not be deleted");
        // The report reads the database: a fault before its end is one of the start, and ends the server.
        await started.Reported;
        return server;
    }

    // By a write to a file that is not where it was.
    private static async Task FailAsync(KaffediemServer server, RestClient client)
    {
        File.Move(server.DatabasePath, server.DatabasePath + "-elsewhere");
        var refused = await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder);
        refused.Is(503, """{"errors":{"detail":"Service Unavailable"}}""");
        Assert.Equal("5", refused.Header("Retry-After"));
    }

    private static Task UntilReadyAsync(RestClient client) =>
        client.UntilReadinessAsync(answer => answer.Status == 200);

    private sealed class StartSignal : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reported => _reported.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).StartsWith("Signing in: ", StringComparison.Ordinal))
            {
                _reported.TrySetResult();
            }
        }

        public void Dispose()
        {
            // It has nothing to let go of.
        }
    }
}
