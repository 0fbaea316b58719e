namespace Kaffediem.Persistence;

/// <summary>
/// The readers that run a read. Every lane has connections of its own, so that no lane waits behind another
/// (docs/design.md, "Admission").
/// </summary>
public enum ReadLane
{
    /// <summary>Small, bounded reads: sessions, health, single records, changes for the feed.</summary>
    Prompt,

    /// <summary>Lists, snapshots and replays for signed-in users.</summary>
    UserBulk,

    /// <summary>Lists, snapshots and replays for everybody else.</summary>
    Bulk,
}
