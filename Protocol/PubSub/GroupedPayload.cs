namespace Kaffediem.Protocol;

/// <summary>An event at a position of an ordered log, with the payload that each group gets.</summary>
/// <param name="Position">Greater than that of every earlier broadcast of the topic; 1 or more.</param>
/// <param name="PayloadOf">
/// Called once for each group that has clients, with the group (<c>null</c> for clients without one). Returns a JSON
/// object, or <c>null</c> for nothing. Joins and leaves of the topic wait for it: it must be quick, and must not
/// broadcast.
/// </param>
public readonly record struct GroupedPayload(long Position, Func<object?, Payload?> PayloadOf);
