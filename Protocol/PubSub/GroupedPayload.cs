namespace Kaffediem.Protocol;

/// <summary>What is broadcast of an event at a position of an ordered log, group by group.</summary>
/// <param name="Position">Greater than that of every earlier broadcast of the topic; 1 or more.</param>
/// <param name="PayloadOf">
/// Called once for each group that has clients, with the group (<c>null</c>: those in none): a JSON object, or
/// <c>null</c> for nothing. Called while joins and leaves of the topic wait: be quick, and do not broadcast from it.
/// </param>
public readonly record struct GroupedPayload(long Position, Func<object?, Payload?> PayloadOf);
