using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;

namespace Kaffediem.Persistence.Writing;

/// <summary>Requests that may be sent again: what one has made is remembered for a day, under its keys.</summary>
public static class Retries
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    /// <summary>
    /// Makes a record, but only once under the same keys: afterwards the record is given as it was when it was made,
    /// marked <see cref="WriteResult{T}.Saved.IsReplay"/>. Refused if a key was used for something else. What the store
    /// refuses is not remembered, and may be tried again.
    /// </summary>
    public static Written<WriteResult<T>> Once<T>(
        WriteTransaction transaction,
        IReadOnlyList<RetryKey> keys,
        JsonTypeInfo<T> json,
        Func<Written<WriteResult<T>>> create)
    {
        if (keys.Count == 0)
        {
            return create();
        }

        Prune(transaction);
        var written = keys.Select(key => Replay(transaction, key, json)).FirstOrDefault(replay => replay is not null)
            ?? create();
        if (written.Result is WriteResult<T>.Saved saved)
        {
            var record = saved.Json is { } logged
                ? Encoding.UTF8.GetString(logged.Span)
                : JsonSerializer.Serialize(saved.Record, json);
            foreach (var key in keys)
            {
                Remember(transaction, key, record);
            }
        }

        return written;
    }

    private static void Prune(WriteTransaction transaction) =>
        transaction.Connection.Execute(
            """
            DELETE FROM idempotency
                  WHERE inserted_at < @oldest
            """,
            new { oldest = Timestamp.Format(transaction.Now - KeptFor) });

    private static Written<WriteResult<T>>? Replay<T>(WriteTransaction transaction, RetryKey key, JsonTypeInfo<T> json)
    {
        var row = transaction.Connection.QuerySingleOrDefault<Row>(
            """
            SELECT body_hash AS BodyHash, record AS Record
              FROM idempotency
             WHERE scope = @Scope
               AND key = @Key
            """,
            new { key.Scope, key.Key });
        return row is null || JsonSerializer.Deserialize(row.Record, json) is not { } record ? null
            : row.BodyHash.AsSpan().SequenceEqual(key.BodyHash) ? Written.Replayed(record)
            : Written.Refused<T>(key.Reused);
    }

    // One of the keys may be known already: an order's uuid, sent again under a new Idempotency-Key.
    private static void Remember(WriteTransaction transaction, RetryKey key, string record) =>
        transaction.Connection.Execute(
            """
            INSERT INTO idempotency (scope, key, body_hash, record, inserted_at)
                 VALUES (@Scope, @Key, @BodyHash, @record, @Timestamp)
            ON CONFLICT DO NOTHING
            """,
            new { key.Scope, key.Key, key.BodyHash, record, transaction.Timestamp });

    private sealed record Row
    {
        public required byte[] BodyHash { get; init; }

        public required string Record { get; init; }
    }
}
