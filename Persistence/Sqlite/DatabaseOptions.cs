using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>Where the database is and how it is used.</summary>
public sealed class DatabaseOptions
{
    /// <summary>The database file, made if it is missing. Relative paths start at the working directory.</summary>
    [Required]
    [Description("the SQLite file")]
    public required string Path { get; init; }

    /// <summary>
    /// Whether a commit is on the disk before it is acknowledged (default <see langword="true"/>). Otherwise an
    /// acknowledged write survives the death of the process, but not a power failure.
    /// </summary>
    [Description("whether a commit is on the disk before it is acknowledged")]
    public bool FullSync { get; init; } = true;

    /// <summary>How many small reads may run at the same time (default 4). Further ones wait their turn.</summary>
    [Range(1, 64)]
    [Description("how many small reads run at the same time")]
    public int ReadConnections { get; init; } = 4;

    /// <summary>
    /// How many long reads (lists, snapshots, replays) for clients that are not signed in may run at the same time
    /// (default 1). Each keeps a core busy.
    /// </summary>
    [Range(1, 64)]
    [Description("how many long reads for clients that are not signed in run at the same time")]
    public int BulkReadConnections { get; init; } = 1;

    /// <summary>How many long reads for signed-in users may run at the same time (default 2).</summary>
    [Range(1, 64)]
    [Description("how many long reads for signed-in users run at the same time")]
    public int UserBulkReadConnections { get; init; } = 2;

    /// <summary>
    /// How many writes may wait for the disk (default 4,096). Further ones are refused at once. Each holds its request,
    /// whose body has at most some megabytes and usually less than a kilobyte.
    /// </summary>
    // 16 commits of MaxBatch, less than a second of work: no write waits long, and a burst of hundreds fits easily.
    [Range(1, int.MaxValue)]
    [Description("how many writes may wait for the disk before further ones get 503")]
    public int MaxQueuedWrites { get; init; } = 4096;

    /// <summary>How many writes may share one commit (default 256).</summary>
    [Range(1, int.MaxValue)]
    [Description("how many writes share one commit at most")]
    public int MaxBatch { get; init; } = 256;

    /// <summary>
    /// How long a change is retained (default 7 days) for clients that reconnect and want only what they have missed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "36500.00:00:00")]
    [Description("how long changes are retained for clients that reconnect")]
    public TimeSpan KeepChangesFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many changes are retained at most (default 1,000,000).</summary>
    [Range(1, long.MaxValue)]
    [Description("how many changes are retained at most")]
    public long KeepChanges { get; init; } = 1_000_000;
}
