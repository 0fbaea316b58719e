using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol.Testing;

/// <summary>
/// What the server has logged at Error or above: nearly always the reason why something that was expected did not come.
/// </summary>
internal sealed class LoggedErrors : ILoggerProvider, ILogger
{
    private const int MaxEntries = 10;

    // Guards the entries: anyone logs.
    private readonly Lock _lock = new();
    private readonly Queue<string> _entries = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is LogLevel.Error or LogLevel.Critical;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        lock (_lock)
        {
            _entries.Enqueue($"{formatter(state, exception)} {exception}".Trim());
            if (_entries.Count > MaxEntries)
            {
                _entries.Dequeue();
            }
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return _entries.Count == 0 ? "" : "\nThe server has logged:\n" + string.Join('\n', _entries);
        }
    }

    public void Dispose()
    {
        // The entries may still be asked for.
    }
}
