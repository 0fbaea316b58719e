using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Kaffediem.IntegrationTests.Support.Servers;

/// <summary>Everything that a server logs under some categories, for tests of what an operator can see.</summary>
/// <param name="prefix">The beginning of the categories.</param>
/// <param name="least">The least level that is collected.</param>
internal sealed class LogLines(string prefix, LogLevel least = LogLevel.Trace) : ILoggerProvider
{
    private readonly ConcurrentQueue<Line> _lines = [];

    /// <summary>Every line as <c>Level: message</c>, oldest first.</summary>
    public string[] All => [.. _lines.Select(line => $"{line.Level}: {line.Text}")];

    /// <summary>Every line with its category and its exception, oldest first.</summary>
    public string[] Whole =>
        [.. _lines.Select(line => $"{line.Level} {line.Category}: {line.Text} {line.Exception}")];

    /// <summary>The lines of one level that contain a text, oldest first.</summary>
    public string[] Of(LogLevel level, string text) =>
    [
        .. from line in _lines
           where line.Level == level && line.Text.Contains(text, StringComparison.Ordinal)
           select line.Text,
    ];

    /// <summary>Forgets what was logged so far.</summary>
    public void Clear() => _lines.Clear();

    public ILogger CreateLogger(string categoryName) => new Collector(
        categoryName, categoryName.StartsWith(prefix, StringComparison.Ordinal) ? least : LogLevel.None, _lines);

    public void Dispose()
    {
        // The lines are read until the test ends.
    }

    private sealed record Line(LogLevel Level, string Category, string Text, string? Exception);

    private sealed class Collector(string category, LogLevel least, ConcurrentQueue<Line> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel < LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lines.Enqueue(new Line(logLevel, category, formatter(state, exception), exception?.ToString()));
            }
        }
    }
}
