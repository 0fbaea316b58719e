using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>Records every entry of one category, whatever its level, as <c>Level: message</c>.</summary>
/// <param name="category">The category's last part, for example <c>BroadcastLog</c>.</param>
public sealed class LogRecorder(string category) : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _entries = [];

    public IReadOnlyCollection<string> Entries => _entries;

    public ILogger CreateLogger(string categoryName) =>
        new Recorder(_entries, isOn: categoryName.EndsWith('.' + category, StringComparison.Ordinal));

    public void Dispose()
    {
        // The entries are read after the server has stopped.
    }

    private sealed class Recorder(ConcurrentQueue<string> entries, bool isOn) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => isOn;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (isOn)
            {
                entries.Enqueue($"{logLevel}: {formatter(state, exception)}");
            }
        }
    }
}
