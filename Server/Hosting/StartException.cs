namespace Kaffediem.Server.Hosting;

/// <summary>The server cannot start. The message is for the operator: the reason, and what to do.</summary>
internal sealed class StartException(string message, Exception? innerException = null)
    : Exception(message, innerException);
