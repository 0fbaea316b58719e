namespace Kaffediem.Server.Admission;

/// <summary>A long read was refused because a budget is used up. It may be asked for again after a second.</summary>
/// <param name="reason">The reason, which the client is sent.</param>
internal sealed class ReadRefusedException(string reason) : Exception(reason);
