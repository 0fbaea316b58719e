namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>What a history is held against.</summary>
internal enum HistoryRule
{
    /// <summary>
    /// The file has each acknowledged write once, as it was acknowledged, and nothing that nobody asked for.
    /// </summary>
    Written,

    /// <summary>
    /// What was asked for after an acknowledgement, or after a change was seen, is committed after it.
    /// </summary>
    RealTime,

    /// <summary>Changes come in the order of their commits.</summary>
    Order,

    /// <summary>From a join's answer on, no change of the topic is missing until the connection is gone.</summary>
    Gap,

    /// <summary>No change comes twice, nor one that the answer to the join has taken into account.</summary>
    Duplicate,

    /// <summary>A change is a committed one, as it was committed.</summary>
    Content,

    /// <summary>Who has not joined is told nothing.</summary>
    Unjoined,

    /// <summary>The answer to a join has what the log tells for its seq.</summary>
    Snapshot,

    /// <summary>A recovery has what lies between, and there is one unless the epoch is another.</summary>
    Recovery,

    /// <summary>What is asked for after an acknowledgement shows what was acknowledged, or something newer.</summary>
    ReadYourWrites,

    /// <summary>What is asked for after somebody saw a change is not older than that.</summary>
    Backwards,

    /// <summary>No connection is closed with 1000: phoenix.js would not come back.</summary>
    Goodbye,

    /// <summary>At a quiet moment the screens show what the server has, and that is what the log tells.</summary>
    Convergence,
}
