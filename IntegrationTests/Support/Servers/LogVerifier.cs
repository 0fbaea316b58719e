using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Kaffediem.IntegrationTests.Support.Servers;

/// <summary>Collects what a server logs at Warning or above; an unexpected entry fails the test.</summary>
public sealed class LogVerifier : ILoggerProvider
{
    private readonly LogLines _lines = new("", LogLevel.Warning);

    // Kestrel warns when a busy machine keeps it waiting; no test is about that.
    private readonly ConcurrentBag<string> _expected = ["the heartbeat has been running for"];

    /// <summary>Allows entries that contain the text, even those already logged.</summary>
    public void Expect(string substring) => _expected.Add(substring);

    /// <summary>How many entries contain the text.</summary>
    public int Count(string substring) =>
        _lines.Whole.Count(entry => entry.Contains(substring, StringComparison.Ordinal));

    /// <summary>Throws if anything unexpected was logged.</summary>
    public void Verify()
    {
        var unexpected = _lines.Whole.Where(entry =>
            !_expected.Any(text => entry.Contains(text, StringComparison.Ordinal)));
        Assert.True(!unexpected.Any(), string.Join('\n', unexpected));
    }

    /// <summary>The same, and forgets the expected entries: a run of hours must not keep them.</summary>
    public void VerifyAndForget()
    {
        Verify();
        Forget();
    }

    /// <summary>Forgets what was logged so far.</summary>
    public void Forget() => _lines.Clear();

    public ILogger CreateLogger(string categoryName) => _lines.CreateLogger(categoryName);

    public void Dispose()
    {
        // The entries are verified after the server has gone.
    }
}
