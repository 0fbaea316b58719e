using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Server.Realtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>
/// Between a commit and the moment the server knows its seq, a joining client still gets the previous menu. If the new
/// menu were broadcast in that moment, it would never reach this client.
/// </summary>
public sealed class MenuGateTests
{
    private const string Item = "/api/collections/item/records/1";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(777); // unlike that of any other timer

    [Fact]
    public async Task Menu_is_not_broadcast_before_joining_clients_get_it()
    {
        var time = new WatchedTime();
        time.SetUtcNow(DateTimeOffset.UtcNow);
        using var gate = new Gate();
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings =
            {
                ["Menu:CoalesceMs"] = $"{Pause.TotalMilliseconds}",
                ["Logging:LogLevel:Kaffediem"] = "Information",
            },
            ConfigureServices = services => services
                .AddSingleton<TimeProvider>(time)
                .AddSingleton<ILoggerProvider>(gate),
        });
        server.Logs.Expect("Further failures of this kind are counted, not logged.");
        using var rest = server.CreateClient();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        await client.JoinAsync("collection:menu");
        await FailAWriteAsync(server, rest);
        var patched = rest.PatchAsync(Item, """{"price_nok":71}""");
        await gate.ReachedAsync();
        Assert.Equal([1], SqliteFile.Query<long>(server.DatabasePath, "SELECT seq FROM change_log"));
        Assert.Equal(0, server.Services.GetRequiredService<Database>().LastSeq);

        var looked = time.NextTimerAsync(Pause);
        server.Services.GetRequiredService<MenuFeed>().Changed();
        await looked;
        await client.AssertSilentAsync();

        gate.Open();
        (await patched).Is(200);
        using var later = await ScreenClient.JoinAsync(server.BaseAddress, "menu");
        Assert.Equal(1, (long)later.Joined["seq"]!);
        time.Advance(Pause);
        Assert.Equal(1, (long)(await client.ReceiveAsync()).Payload!["seq"]!);
    }

    // The writer logs the next successful write, after its commit.
    private static async Task FailAWriteAsync(KaffediemServer server, RestClient rest)
    {
        var elsewhere = server.DatabasePath + ".moved";
        File.Move(server.DatabasePath, elsewhere);
        (await rest.PatchAsync(Item, """{"price_nok":70}""")).Is(503);
        File.Move(elsewhere, server.DatabasePath);
    }

    /// <summary>A log that blocks the writer while it logs that writes succeed again.</summary>
    private sealed class Gate : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _open = new();

        public Task ReachedAsync() => _reached.Task.WaitAsync(Patience.Limit);

        public void Open() => _open.Set();

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
            if (formatter(state, exception).StartsWith("Writes reach the disk again", StringComparison.Ordinal))
            {
                _reached.TrySetResult();
                _open.Wait(Patience.Limit);
            }
        }

        public void Dispose() => _open.Set();
    }
}
