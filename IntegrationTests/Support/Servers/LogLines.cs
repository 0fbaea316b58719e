using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Kaffediem.IntegrationTests.Support.Servers;

/// <summary>Everything that a server logs under some categories, for tests of what an operator can see.</summary>
/// <param name="prefix">The beginning of the categories.</param>
internal sealed class LogLines(string prefix) : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = [];

    /// <summary>Every line as <c>Level: message</c>, oldest first.</summary>
    public string[] All => [.. _lines.Select(line => $"{line.Level}: {line.Text}")];

    /// <summary>The lines of one level that contain a text, oldest first.</summary>
    public string[] Of(LogLevel level, string text) =>
    [
        .. from line in _lines
           where line.Level == level && line.Text.Contains(text, StringComparison.Ordinal)
           select line.Text,
    ];

    public ILogger CreateLogger(string categoryName) =>
        new Collector(categoryName.StartsWith(prefix, StringComparison.Ordinal) ? _lines : null);

    public void Dispose()
    {
        // The lines are read until the test ends.
    }

    private sealed class Collector(ConcurrentQueue<(LogLevel Level, string Text)>? lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => lines is not null;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => lines?.Enqueue((logLevel, formatter(state, exception)));
    }
}
