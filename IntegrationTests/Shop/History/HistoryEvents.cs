using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Tills;

namespace Kaffediem.IntegrationTests.Shop.History;

/// <summary>Something that this process has done, seen or been told.</summary>
/// <param name="Who">A till, a screen, or what was done to the server.</param>
internal abstract record HistoryEvent(string Who);

/// <summary>A till is about to ask for a write, for the first time or again.</summary>
internal sealed record WriteAsked(string Who, ShopWrite Write) : HistoryEvent(Who);

/// <summary>It was answered that it is written.</summary>
internal sealed record WriteAcknowledged(string Who, ShopWrite Write) : HistoryEvent(Who);

/// <summary>Somebody is about to read a record, named as in <see cref="LogEntry.Name"/>.</summary>
internal sealed record RecordAsked(string Who, string Name) : HistoryEvent(Who);

/// <summary>What the record was; <c>null</c>: there was none.</summary>
internal sealed record RecordAnswered(string Who, string Name, string? Record) : HistoryEvent(Who);

/// <summary>A screen is about to join; with a position it wants what it has missed since.</summary>
internal sealed record JoinAsked(string Who, string Collection, Position? Since) : HistoryEvent(Who);

/// <summary>The join was answered with everything.</summary>
internal sealed record SnapshotReceived(
    string Who, string Collection, Position At, IReadOnlyDictionary<long, string> Records) : HistoryEvent(Who);

/// <summary>The join was answered with what was missed.</summary>
internal sealed record RecoveryReceived(
    string Who, string Collection, Position At, IReadOnlyList<ReceivedChange> Changes) : HistoryEvent(Who);

/// <summary>A change was told to who has joined.</summary>
internal sealed record ChangeReceived(string Who, string Collection, ReceivedChange Change) : HistoryEvent(Who);

/// <summary>A screen's connection is gone, with the server's close code if it had sent one.</summary>
internal sealed record LineLost(string Who, int? CloseCode) : HistoryEvent(Who);

/// <summary>Nobody writes, nothing is broken, and all screens have had the time they wanted.</summary>
/// <param name="Who">Whose lists these are.</param>
/// <param name="Seq">The last change.</param>
/// <param name="Lists">What the server's lists have, by collection.</param>
/// <param name="Screens">Who is to show the same.</param>
internal sealed record Quiet(
    string Who,
    long Seq,
    IReadOnlyDictionary<string, RecordList> Lists,
    IReadOnlyList<string> Screens) : HistoryEvent(Who);

/// <summary>
/// Something was done to the server, or to a client's link; no rule is about it, but who reads a fault asks.
/// </summary>
internal sealed record Happened(string Who, string What) : HistoryEvent(Who)
{
    public const string ToServer = "server";
}

/// <summary>How far somebody has been told.</summary>
internal sealed record Position(string Epoch, long Seq);

/// <summary>A change as a screen is told of it.</summary>
internal sealed record ReceivedChange(long Seq, string Action, string Record);
