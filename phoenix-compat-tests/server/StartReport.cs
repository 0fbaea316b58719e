namespace Kaffediem.CompatServer;

/// <summary>The line that the tests read from the output.</summary>
internal static partial class StartReport
{
    [LoggerMessage(LogLevel.Information, "CompatServer listens on {Addresses}")]
    public static partial void Listening(ILogger logger, string addresses);
}
