using System.Text.Json;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Http;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Realtime;

/// <summary>What was read for clients, encoded, and the last change it takes into account.</summary>
internal sealed record Snapshot(ReadOnlyMemory<byte> Content, long Seq);

/// <summary>Answers joins: with a collection as it stands, or with what a client has missed.</summary>
internal sealed class CollectionSnapshots(
    Database database, OrderStore orders, LongReads reads, TimeProvider time, ILogger<CollectionSnapshots> logger)
{
    /// <summary>
    /// How many changes ago a position may be. Of the rest the whole list is shorter, or a matter of days.
    /// </summary>
    public const int MaxReplayed = 10_000;

    // The whole list, which all such clients share, is shorter then, or as long.
    private const int MaxReplayedBytes = 4 * 1024 * 1024;

    // So few changes are read as fast as a single record: clients that were away for a moment do not wait in line.
    private const int FewChanges = 200;

    // The answer to a replay that would be too long: nothing else is empty.
    private static readonly ReadOnlyMemory<byte> TooLong = ReadOnlyMemory<byte>.Empty;

    private readonly SharedReads<(View View, bool? Recovered)> _wholes = new(reads);
    private readonly SharedReads<(View View, long AfterSeq)> _replays = new(reads);
    private readonly UnknownCollectionLog _unknown = new(time, logger);

    /// <summary>
    /// Answers a join with everything that is committed before the call: <c>{"items", "seq", "epoch"}</c>. A client
    /// that sends <c>since</c> gets the later changes, <c>{"recovered": true, "changes": […], "seq", "epoch"}</c>; or,
    /// if they are not all retained, <c>{"recovered": false, "items", "seq", "epoch"}</c>. An unknown collection is
    /// answered with an empty list, as by Kaffebase, and a <c>warning</c>: an error would make phoenix.js join again
    /// every ten seconds (docs/channels.md, "Topics").
    /// </summary>
    /// <exception cref="ReadRefusedException">A budget of the asker is used up.</exception>
    public async Task<Snapshot> ReadAsync(
        View view, ChangePosition? since, Asker asker, CancellationToken cancellationToken)
    {
        if (!view.IsKnown)
        {
            _unknown.Add(view.Collection);
            return Unknown(view, since);
        }

        await orders.BeginDayAsync(view.Filter, cancellationToken);
        if (since is not { } position)
        {
            return await ReadWholeAsync(view, recovered: null, asker, cancellationToken);
        }

        return await ReadReplayAsync(view, position, asker, cancellationToken)
            ?? await ReadWholeAsync(view, recovered: false, asker, cancellationToken);
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

        var isFew = view.Collection == Collections.Menu || lastSeq - afterSeq <= FewChanges;
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
    /// The last position from which the same is missed: clients that have missed the same share a read, whichever of
    /// the other collections' changes they know of. <c>null</c> when what was missed is not retained, or too much.
    /// </summary>
    private Task<long?> FindReplayedAsync(View view, ChangePosition since, CancellationToken cancellationToken) =>
        since.Epoch != database.Epoch || since.Seq < database.LastSeq - MaxReplayed
            ? Task.FromResult<long?>(null)
            : database.ReadAsync<long?>(
                transaction => !ChangeLog.HasAllSince(transaction, since) ? null
                    : ChangeLog.FirstSeqOf(transaction, Collections.LoggedAs(view.Collection), since.Seq) is { } missed
                        ? missed - 1
                        : transaction.Position.Seq,
                cancellationToken);

    // Nothing is read: a client can invent any number of names, and each would be one of the shop's small reads.
    private Snapshot Unknown(View view, ChangePosition? since)
    {
        var position = new ChangePosition(database.LastSeq, database.Epoch);
        bool? recovered = since is null ? null : false;
        return new Snapshot(Whole(position, view, recovered, writer => writer.WriteRawValue("[]"u8)), position.Seq);
    }

    /// <summary>
    /// A collection as it stands: <c>{"items", "seq", "epoch"}</c>, with <c>recovered</c> in front if that is told.
    /// </summary>
    public static ReadOnlyMemory<byte> Whole(ReadTransaction transaction, View view, bool? recovered) =>
        Whole(transaction.Position, view, recovered, writer => WriteItems(writer, transaction, view));

    private static byte[] Whole(
        ChangePosition position, View view, bool? recovered, Action<Utf8JsonWriter> writeItems) =>
        Write(position, view, recovered, writer =>
        {
            writer.WritePropertyName("items"u8);
            writeItems(writer);
        });

    /// <summary>The whole menu as a change.</summary>
    public static ReadOnlyMemory<byte> Menu(ReadTransaction transaction, View view, long seq) =>
        ChangeView.Encode("update"u8, Items(transaction, view).Span, seq);

    private static ReadOnlyMemory<byte> Replay(ReadTransaction transaction, View view, ChangePosition since)
    {
        if (ChangesSince(transaction, view, since) is not { } changes)
        {
            return TooLong;
        }

        return Write(transaction.Position, view, recovered: true, writer =>
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
        if (view.Collection == Collections.Menu)
        {
            return MenuSince(transaction, view, since);
        }

        var changes = ChangeLog.ReadSince(
            transaction, Collections.LoggedAs(view.Collection), since, MaxReplayed, MaxReplayedBytes);
        return changes?.Select(change => new ChangeView(change).For(view)).OfType<ReadOnlyMemory<byte>>().ToList();
    }

    // However often the menu has changed, what counts is what it is now.
    private static List<ReadOnlyMemory<byte>>? MenuSince(ReadTransaction transaction, View view, ChangePosition since)
    {
        if (!ChangeLog.HasAllSince(transaction, since))
        {
            return null;
        }

        return ChangeLog.LastSeqOf(transaction, Collections.LoggedAs(Collections.Menu), since.Seq) is { } seq
            ? [Menu(transaction, view, seq)]
            : [];
    }

    private static void WriteItems(Utf8JsonWriter writer, ReadTransaction transaction, View view)
    {
        if (view.Collection == Collections.Order)
        {
            // The only list that grows with the shop's age is written while it is read.
            JsonSerializer.Serialize(
                writer, OrderStore.List(transaction, view.Filter), OrderJson.Wire.IEnumerableOrder);
        }
        else
        {
            writer.WriteRawValue(Items(transaction, view).Span, skipInputValidation: true);
        }
    }

    private static ReadOnlyMemory<byte> Items(ReadTransaction transaction, View view) =>
        ImageUrls.MakeAbsolute(Collections.Query(view)(transaction), view.BaseUrl);

    // In pieces first. An array that grows is copied again and again, each time to twice its size: a hundred megabytes
    // of garbage for the orders of a year.
    private static byte[] Write(
        ChangePosition position, View view, bool? recovered, Action<Utf8JsonWriter> writeContent)
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
            if (!view.IsKnown)
            {
                writer.WriteString("warning"u8, Collections.DescribeUnknown(view.Collection));
            }

            writer.WriteEndObject();
        });
        return json.ToArray();
    }
}
