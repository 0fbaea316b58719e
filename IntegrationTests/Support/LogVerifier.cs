using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>Collects warnings and errors; one that no test said to expect fails the test (STYLE: tests).</summary>
internal sealed class LogVerifier : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _unexpected = new();
    private readonly ConcurrentQueue<string> _expected = new();
    private readonly ConcurrentBag<string> _seen = [];

    /// <summary>Allows warnings and errors that contain a text.</summary>
    public void Expect(string text) => _expected.Enqueue(text);

    /// <summary>How many warnings and errors contained a text.</summary>
    public int Count(string text) => _seen.Count(line => line.Contains(text, StringComparison.Ordinal));

    public void AssertNothingUnexpected() => Assert.Empty(_unexpected);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private void Add(string line)
    {
        _seen.Add(line);
        if (!_expected.Any(text => line.Contains(text, StringComparison.Ordinal)))
        {
            _unexpected.Enqueue(line);
        }
    }

    private sealed class Logger(LogVerifier verifier, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                verifier.Add($"{logLevel} {category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
