namespace Kaffediem.Server.Admission;

/// <summary>A long read was refused because a budget is used up. The client may ask again after a second.</summary>
/// <param name="reason">The reason, which is sent to the client.</param>
internal sealed class ReadRefusedException(string reason) : Exception(reason);
