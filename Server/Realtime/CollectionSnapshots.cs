using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Orders;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Realtime;

/// <summary>A collection as it stood at a seq: the whole answer to a join, encoded.</summary>
internal sealed record Snapshot(Payload Response, long Seq);

/// <summary>
/// Reads the collections that can be joined. Ten thousand screens that come back after a deploy ask for the same few
/// snapshots, so one is read and encoded once per seq and options, and shared (DESIGN, "Joining").
/// </summary>
internal sealed partial class CollectionSnapshots(Database database, ILogger<CollectionSnapshots> logger)
{
    public const string Order = "order";

    // Options and names come from the clients: more different ones than this are not worth keeping.
    private const int MaxKept = 64;

    // Guards _kept, for a look and an exchange; reading happens outside.
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Collection, OrderFilter Filter), Kept> _kept = [];
    private readonly ConcurrentDictionary<string, bool> _unknown = new(StringComparer.Ordinal);

    /// <summary>Reads a collection; the snapshot holds everything that is committed when this is called.</summary>
    public Task<Snapshot> ReadAsync(string collection, OrderFilter filter, CancellationToken cancellationToken)
    {
        if (Query(collection, filter) is { } query)
        {
            return Share((collection, filter), query).WaitAsync(cancellationToken);
        }

        // As in Kaffebase: a screen that asks for nothing we know gets an empty list, not an error to retry for ever.
        WarnOnce(collection);
        var position = new ChangePosition(database.LastSeq, database.Epoch);
        return Task.FromResult(new Snapshot(Encode("[]"u8, position), position.Seq));
    }

    // The one list of collections.
    private static Func<ReadTransaction, byte[]>? Query(string collection, OrderFilter filter) => collection switch
    {
        "menu" => transaction => Json(MenuQuery.Read(transaction), RecordJson.Wire.Menu),
        "message" => transaction => Json(NoticeStore.List(transaction), RecordJson.Wire.IReadOnlyListNotice),
        "status" => transaction => Json(StatusStore.List(transaction), RecordJson.Wire.IReadOnlyListStatus),
        Order => transaction => Json(OrderStore.List(transaction, filter), RecordJson.Wire.IReadOnlyListOrder),
        _ => null,
    };

    private Task<Snapshot> Share((string Collection, OrderFilter Filter) key, Func<ReadTransaction, byte[]> query)
    {
        var lastSeq = database.LastSeq;
        lock (_lock)
        {
            if (_kept.TryGetValue(key, out var kept) && kept.IsAtLeast(lastSeq))
            {
                return kept.Snapshot;
            }

            if (_kept.Count >= MaxKept)
            {
                _kept.Clear();
            }

            // Not under the lock, nor for one joiner's token: the others wait for the same read.
            var snapshot = Task.Run(() => ReadAsync(query));
            _kept[key] = new Kept(lastSeq, snapshot);
            return snapshot;
        }
    }

    private Task<Snapshot> ReadAsync(Func<ReadTransaction, byte[]> query) => database.ReadAsync(
        transaction => new Snapshot(Encode(query(transaction), transaction.Position), transaction.Position.Seq),
        CancellationToken.None);

    // Names come from the clients: neither the log nor the memory of what was logged may grow with them.
    private void WarnOnce(string collection)
    {
        if (_unknown.Count < MaxKept && _unknown.TryAdd(collection, true))
        {
            Log.UnknownCollection(logger, collection);
        }
    }

    // {"items": items, "seq": seq, "epoch": epoch}
    private static Payload Encode(ReadOnlySpan<byte> items, ChangePosition position)
    {
        var json = new ArrayBufferWriter<byte>(items.Length + 100);
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("items"u8);
            writer.WriteRawValue(items, skipInputValidation: true);
            writer.WriteNumber("seq"u8, position.Seq);
            writer.WriteString("epoch"u8, position.Epoch);
            writer.WriteEndObject();
        }

        return Payload.FromJson(json.WrittenMemory);
    }

    private static byte[] Json<T>(T value, JsonTypeInfo<T> typeInfo) => JsonSerializer.SerializeToUtf8Bytes(value, typeInfo);

    private sealed record Kept(long MinSeq, Task<Snapshot> Snapshot)
    {
        // What is still being read holds at least what was committed when it was asked for.
        public bool IsAtLeast(long seq) => !Snapshot.IsFaulted && !Snapshot.IsCanceled &&
            (MinSeq >= seq || (Snapshot.IsCompletedSuccessfully && Snapshot.Result.Seq >= seq));
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "A screen joined the collection \"{Collection}\", which does not exist.")]
        public static partial void UnknownCollection(ILogger logger, string collection);
    }
}
