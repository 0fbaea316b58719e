using Kaffediem.Server.Background;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Background;

/// <summary>Periodic work runs at the start and at its interval, in virtual time, and survives failures.</summary>
public sealed class PeriodicWorkTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CountedWork _work = new();
    private readonly PeriodicWork<CountedWork> _periodic;

    public PeriodicWorkTests() => _periodic = new PeriodicWork<CountedWork>(_work, _time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_runs_at_the_start_and_once_in_each_interval()
    {
        await _periodic.StartAsync(Cancellation);
        await _work.RunsAsync(1);

        _time.Advance(TimeSpan.FromSeconds(9));
        _time.Advance(TimeSpan.FromSeconds(1));
        await _work.RunsAsync(2);

        _time.Advance(TimeSpan.FromSeconds(10));
        await _work.RunsAsync(3);
        await _periodic.StopAsync(Cancellation);
        Assert.Equal(3, _work.Runs);
    }

    [Fact]
    public async Task Failure_is_logged_and_the_next_run_comes()
    {
        _work.Failure = new InvalidOperationException("for a test");
        await _periodic.StartAsync(Cancellation);
        await _work.RunsAsync(1);

        _time.Advance(TimeSpan.FromSeconds(10));
        await _work.RunsAsync(2);
        await _periodic.StopAsync(Cancellation);

        Assert.Equal([_work.Failure, _work.Failure], _work.Logged);
    }

    [Fact]
    public async Task Stop_in_the_middle_of_a_run_is_not_a_failure()
    {
        _work.IsEndless = true;
        await _periodic.StartAsync(Cancellation);
        await _work.RunsAsync(1);

        await _periodic.StopAsync(Cancellation);

        Assert.Empty(_work.Logged);
    }

    public void Dispose() => _periodic.Dispose();

    private sealed class CountedWork : IPeriodicWork
    {
        private int _runs;

        public TimeSpan Interval => TimeSpan.FromSeconds(10);

        public int Runs => Volatile.Read(ref _runs);

        public bool IsEndless { get; set; }

        public Exception? Failure { get; set; }

        public List<Exception> Logged { get; } = [];

        public Task RunsAsync(int count) => Support.Polling.UntilAsync(() => Runs == count);

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _runs);
            if (IsEndless)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            if (Failure is not null)
            {
                throw Failure;
            }
        }

        public void LogFailure(Exception exception) => Logged.Add(exception);
    }
}
