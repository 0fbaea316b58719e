using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Tills;

namespace Kaffediem.IntegrationTests.Shop.History;

/// <summary>Something that a client has done or received, or that was done to the server.</summary>
/// <param name="Actor">A till, a screen, or the server.</param>
internal abstract record HistoryEvent(string Actor);

/// <summary>A till is about to send a write, for the first time or again.</summary>
internal sealed record WriteRequested(string Actor, ShopWrite Write) : HistoryEvent(Actor);

/// <summary>The write was acknowledged.</summary>
internal sealed record WriteAcknowledged(string Actor, ShopWrite Write) : HistoryEvent(Actor);

/// <summary>A client is about to read a record, named as in <see cref="LogEntry.Name"/>.</summary>
internal sealed record RecordRequested(string Actor, string Name) : HistoryEvent(Actor);

/// <summary>The record; <c>null</c>: it does not exist.</summary>
internal sealed record RecordAnswered(string Actor, string Name, string? Record) : HistoryEvent(Actor);

/// <summary>A screen is about to join; with a position it asks for the changes since.</summary>
internal sealed record JoinRequested(string Actor, string Collection, Position? Since) : HistoryEvent(Actor);

/// <summary>The join was answered with a snapshot.</summary>
internal sealed record SnapshotReceived(
    string Actor, string Collection, Position At, IReadOnlyDictionary<long, string> Records) : HistoryEvent(Actor);

/// <summary>The join was answered with the missed changes.</summary>
internal sealed record RecoveryReceived(
    string Actor, string Collection, Position At, IReadOnlyList<ReceivedChange> Changes) : HistoryEvent(Actor);

/// <summary>A client received a change.</summary>
internal sealed record ChangeReceived(string Actor, string Collection, ReceivedChange Change) : HistoryEvent(Actor);

/// <summary>A screen's connection has ended; with the server's close code if it has sent one.</summary>
internal sealed record LineLost(string Actor, int? CloseCode) : HistoryEvent(Actor);

/// <summary>Nobody writes, nothing is broken, and all screens have caught up.</summary>
/// <param name="Actor">Whose lists these are.</param>
/// <param name="Seq">The last change.</param>
/// <param name="Lists">The records that the server lists, by collection.</param>
/// <param name="Screens">The screens that must show the same.</param>
internal sealed record Quiet(
    string Actor,
    long Seq,
    IReadOnlyDictionary<string, RecordList> Lists,
    IReadOnlyList<string> Screens) : HistoryEvent(Actor);

/// <summary>
/// Something was done to the server or to a client's link. No rule is about it, but it helps to understand a fault.
/// </summary>
internal sealed record Happened(string Actor, string What) : HistoryEvent(Actor)
{
    public const string ToServer = "server";
}

/// <summary>Up to where somebody has received changes.</summary>
internal sealed record Position(string Epoch, long Seq);

/// <summary>A change as a screen receives it.</summary>
internal sealed record ReceivedChange(long Seq, string Action, string Record);
