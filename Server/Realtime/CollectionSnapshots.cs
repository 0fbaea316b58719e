using System.Text.Json;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Catalog;
using Kaffediem.Server.Http;
using Kaffediem.Server.Images;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Realtime;

/// <summary>An encoded answer for clients, and the last change that it contains.</summary>
internal sealed record Snapshot(ReadOnlyMemory<byte> Content, long Seq);

/// <summary>Answers joins: with a whole collection, or with the changes that a client has missed.</summary>
internal sealed class CollectionSnapshots(
    Database database,
    OrderStore orders,
    Collections collections,
    LongReads reads,
    TimeProvider time,
    ILogger<CollectionSnapshots> logger)
{
    /// <summary>
    /// How many changes ago a position may be. Beyond that the whole list is shorter, or the client was away for days.
    /// </summary>
    public const int MaxReplayed = 10_000;

    // Beyond that the whole list, which all such clients share, is hardly longer.
    private const int MaxReplayedBytes = 4 * 1024 * 1024;

    // So few changes are read as fast as a record: clients that were away for a moment do not wait in line.
    private const int FewChanges = 200;

    // Stands for a replay that would be too long: no other content is empty.
    private static readonly ReadOnlyMemory<byte> TooLong = ReadOnlyMemory<byte>.Empty;

    private readonly SharedReads<(View View, bool? Recovered)> _wholes = new(reads);
    private readonly SharedReads<(View View, long AfterSeq)> _replays = new(reads);
    private readonly UnknownCollectionLog _unknown = new(collections, time, logger);

    /// <summary>
    /// Answers a join with everything that is committed before the call: <c>{"items", "seq", "epoch"}</c>. A client
    /// that sends <c>since</c> gets the later changes, <c>{"recovered": true, "changes": […], "seq", "epoch"}</c>; or,
    /// if they are not all retained, <c>{"recovered": false, "items", "seq", "epoch"}</c>.
    /// </summary>
    /// <exception cref="ReadRefusedException">A budget of the asker is used up.</exception>
    public async Task<Snapshot> ReadAsync(
        View view, ChangePosition? since, Asker asker, CancellationToken cancellationToken)
    {
        await orders.BeginDayAsync(view.Filter, cancellationToken);
        if (since is not { } position)
        {
            return await ReadWholeAsync(view, recovered: null, asker, cancellationToken);
        }

        return await ReadReplayAsync(view, position, asker, cancellationToken)
            ?? await ReadWholeAsync(view, recovered: false, asker, cancellationToken);
    }

    /// <summary>
    /// Answers a join of an unknown collection with an empty list, as Kaffebase does, and a <c>warning</c>: an error
    /// would make phoenix.js join again every ten seconds (docs/channels.md, "Topics").
    /// </summary>
    // Nothing is read: a client can invent any number of names, and each would be one of the shop's small reads.
    public Snapshot Unknown(string collection, ChangePosition? since)
    {
        _unknown.Add(collection);
        var position = new ChangePosition(database.LastSeq, database.Epoch);
        var warning = collections.DescribeUnknown(collection);
        bool? recovered = since is null ? null : false;
        var content = Write(position, recovered, WriteNoItems, warning);
        return new Snapshot(content, position.Seq);
    }

    private Task<Snapshot> ReadWholeAsync(
        View view, bool? recovered, Asker asker, CancellationToken cancellationToken) => _wholes.GetAsync(
            (view, recovered),
            database.LastSeq,
            asker,
            view.IsSmall ? ReadLane.Prompt : asker.BulkLane,
            transaction => Whole(transaction, view, recovered),
            cancellationToken);

    // Null when the changes are not all retained, or too many.
    private async Task<Snapshot?> ReadReplayAsync(
        View view, ChangePosition since, Asker asker, CancellationToken cancellationToken)
    {
        var lastSeq = database.LastSeq;
        if (await FindReplayedAsync(view, since, cancellationToken) is not { } afterSeq)
        {
            return null;
        }

        var isFew = view.IsMenu || lastSeq - afterSeq <= FewChanges;
        var replay = await _replays.GetAsync(
            (view, afterSeq),
            lastSeq,
            asker,
            isFew ? ReadLane.Prompt : asker.BulkLane,
            transaction => Replay(transaction, view, since with { Seq = afterSeq }),
            cancellationToken);
        return replay.Content.IsEmpty ? null : replay;
    }

    /// <summary>
    /// The last position from which a client misses the same changes: clients that have missed the same share a read,
    /// whichever of the other collections' changes they know of. <c>null</c> when the missed changes are not retained,
    /// or too many.
    /// </summary>
    private Task<long?> FindReplayedAsync(View view, ChangePosition since, CancellationToken cancellationToken) =>
        since.Epoch != database.Epoch || since.Seq < database.LastSeq - MaxReplayed
            ? Task.FromResult<long?>(null)
            : database.ReadAsync<long?>(
                transaction => !ChangeLog.HasAllSince(transaction, since) ? null
                    : ChangeLog.FirstSeqOf(transaction, view.Collection.LoggedAs, since.Seq) is { } missed
                        ? missed - 1
                        : transaction.Position.Seq,
                cancellationToken);

    /// <summary>
    /// The whole collection: <c>{"items", "seq", "epoch"}</c>, with <c>recovered</c> in front unless it is <c>null</c>.
    /// </summary>
    public static ReadOnlyMemory<byte> Whole(ReadTransaction transaction, View view, bool? recovered) =>
        Write(transaction.Position, recovered, writer =>
        {
            writer.WritePropertyName("items"u8);
            view.Collection.Write(writer, transaction, view.Filter, view.BaseUrl);
        });

    /// <summary>The whole menu as a change.</summary>
    public static ReadOnlyMemory<byte> Menu(ReadTransaction transaction, View view, long seq) =>
        ChangeView.Encode("update"u8, ImageUrls.MakeAbsolute(MenuCollection.Read(transaction), view.BaseUrl).Span, seq);

    private static ReadOnlyMemory<byte> Replay(ReadTransaction transaction, View view, ChangePosition since)
    {
        if (ChangesSince(transaction, view, since) is not { } changes)
        {
            return TooLong;
        }

        return Write(transaction.Position, recovered: true, writer =>
        {
            writer.WriteStartArray("changes"u8);
            foreach (var change in changes)
            {
                writer.WriteRawValue(change.Span, skipInputValidation: true);
            }

            writer.WriteEndArray();
        });
    }

    private static List<ReadOnlyMemory<byte>>? ChangesSince(
        ReadTransaction transaction, View view, ChangePosition since)
    {
        if (view.IsMenu)
        {
            return MenuSince(transaction, view, since);
        }

        var changes = ChangeLog.ReadSince(
            transaction, view.Collection.LoggedAs, since, MaxReplayed, MaxReplayedBytes);
        return changes?.Select(change => new ChangeView(change).For(view)).OfType<ReadOnlyMemory<byte>>().ToList();
    }

    // However often the menu has changed, the client needs only the present one.
    private static List<ReadOnlyMemory<byte>>? MenuSince(ReadTransaction transaction, View view, ChangePosition since)
    {
        if (!ChangeLog.HasAllSince(transaction, since))
        {
            return null;
        }

        return ChangeLog.LastSeqOf(transaction, MenuQuery.Collections, since.Seq) is { } seq
            ? [Menu(transaction, view, seq)]
            : [];
    }

    private static void WriteNoItems(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("items"u8);
        writer.WriteEndArray();
    }

    // In pieces first. A growing array would be copied again and again, each time to twice its size: a hundred
    // megabytes of garbage for the orders of a year.
    private static byte[] Write(
        ChangePosition position, bool? recovered, Action<Utf8JsonWriter> writeContent, string? warning = null)
    {
        using var json = JsonResponses.EncodeLong(writer =>
        {
            writer.WriteStartObject();
            if (recovered is { } isRecovered)
            {
                writer.WriteBoolean("recovered"u8, isRecovered);
            }

            writeContent(writer);
            writer.WriteNumber("seq"u8, position.Seq);
            writer.WriteString("epoch"u8, position.Epoch);
            if (warning is not null)
            {
                writer.WriteString("warning"u8, warning);
            }

            writer.WriteEndObject();
        });
        return json.ToArray();
    }
}
