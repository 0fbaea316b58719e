using System.Buffers;
using System.Text.Json;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Orders;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Realtime;

/// <summary>What was read for a client, encoded, and the last change it takes into account.</summary>
internal sealed record Snapshot(ReadOnlyMemory<byte> Content, long Seq)
{
    /// <summary>Reads one. Not for one client's token: others may wait for the same read.</summary>
    public static Task<Snapshot> ReadAsync(Database database, Func<ReadTransaction, ReadOnlyMemory<byte>> encode) =>
        database.ReadAsync(
            transaction => new Snapshot(encode(transaction), transaction.Position.Seq), CancellationToken.None);
}

/// <summary>Answers joins: with a collection as it stands, or with what a client has missed.</summary>
internal sealed class CollectionSnapshots(
    Database database, OrderStore orders, TimeProvider time, ILogger<CollectionSnapshots> logger)
{
    // Who has missed more is better off with the whole list: it is not longer, or it is a matter of days.
    public const int MaxReplayed = 10_000;

    private readonly SharedReads<View> _snapshots = new();
    private readonly SharedReads<(View View, ChangePosition Since)> _replays = new();
    private readonly UnknownCollectionLog _unknown = new(time, logger);

    /// <summary>
    /// Answers a join with everything that is committed before the call: <c>{"items", "seq", "epoch"}</c>. A client that
    /// sends <c>since</c> gets the later changes, <c>{"recovered": true, "changes": […], "seq", "epoch"}</c>; or, if they
    /// are not all retained, <c>{"recovered": false, "items", "seq", "epoch"}</c>. The answer for an unknown collection
    /// also has a <c>warning</c>.
    /// </summary>
    public async Task<Snapshot> ReadAsync(View view, ChangePosition? since, CancellationToken cancellationToken)
    {
        if (!view.IsKnown)
        {
            _unknown.Add(view.Collection);
        }

        await orders.BeginDayAsync(view.Filter, cancellationToken);
        var lastSeq = database.LastSeq;
        var snapshot = Known(since) is { } position
            ? _replays.GetAsync((view, position), lastSeq, () => Snapshot.ReadAsync(database, transaction => Replay(transaction, view, position)))
            : _snapshots.GetAsync(view, lastSeq, () => Snapshot.ReadAsync(database, transaction => Whole(transaction, view, recovered: null)));
        return await snapshot.WaitAsync(cancellationToken);
    }

    /// <summary>A collection as it stands: <c>{"items", "seq", "epoch"}</c>, with <c>recovered</c> in front if that is told.</summary>
    public static ReadOnlyMemory<byte> Whole(ReadTransaction transaction, View view, bool? recovered)
    {
        var items = Items(transaction, view);
        return Write(transaction.Position, view, recovered, writer =>
        {
            writer.WritePropertyName("items"u8);
            writer.WriteRawValue(items.Span, skipInputValidation: true);
        });
    }

    /// <summary>The whole menu as a change.</summary>
    public static ReadOnlyMemory<byte> Menu(ReadTransaction transaction, View view, long seq) =>
        ChangeView.Encode("update"u8, Items(transaction, view).Span, seq);

    // Whatever epoch it is, if it is not ours: texts of clients are not worth keeping.
    private ChangePosition? Known(ChangePosition? since) =>
        since is null || since.Value.Epoch == database.Epoch ? since : new ChangePosition(0, "");

    private static ReadOnlyMemory<byte> Replay(ReadTransaction transaction, View view, ChangePosition since)
    {
        if (ChangesSince(transaction, view, since) is not { } changes)
        {
            return Whole(transaction, view, recovered: false);
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

    private static List<ReadOnlyMemory<byte>>? ChangesSince(ReadTransaction transaction, View view, ChangePosition since)
    {
        if (view.Collection == Collections.Menu)
        {
            return MenuSince(transaction, view, since);
        }

        var changes = ChangeLog.ReadSince(transaction, Collections.LoggedAs(view.Collection), since, MaxReplayed);
        return changes?.Select(change => new ChangeView(change).For(view)).OfType<ReadOnlyMemory<byte>>().ToList();
    }

    // However often the menu has changed, what counts is what it is now.
    private static List<ReadOnlyMemory<byte>>? MenuSince(ReadTransaction transaction, View view, ChangePosition since)
    {
        if (!ChangeLog.CanTellSince(transaction, since))
        {
            return null;
        }

        return ChangeLog.LastSeqOf(transaction, Collections.LoggedAs(Collections.Menu), since.Seq) is { } seq
            ? [Menu(transaction, view, seq)]
            : [];
    }

    private static ReadOnlyMemory<byte> Items(ReadTransaction transaction, View view) =>
        ImageUrls.MakeAbsolute(Collections.Query(view)(transaction), view.BaseUrl);

    private static ReadOnlyMemory<byte> Write(
        ChangePosition position, View view, bool? recovered, Action<Utf8JsonWriter> writeContent)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
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
        }

        return json.WrittenMemory;
    }
}
