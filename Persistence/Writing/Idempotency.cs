using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Writing;

/// <summary>
/// Recognizes retried requests: the record that a request has made is remembered under its idempotency keys for a day.
/// </summary>
public static class Idempotency
{
    private static readonly TimeSpan RememberedFor = TimeSpan.FromHours(24);

    /// <summary>
    /// Makes a record, but only once under the same keys. A retried request gets the record as it was when it was made,
    /// marked <see cref="WriteResult{T}.Saved.IsRetry"/>. A key that another request has used is refused. A request
    /// that the store refuses is not remembered and may be tried again.
    /// </summary>
    public static Written<WriteResult<T>> Once<T>(
        WriteTransaction transaction,
        IReadOnlyList<IdempotencyKey> keys,
        JsonTypeInfo<T> json,
        Func<Written<WriteResult<T>>> create)
    {
        if (keys.Count == 0)
        {
            return create();
        }

        Prune(transaction);
        var written = FindEarlier(transaction, keys, json) ?? create();
        if (written.Result is WriteResult<T>.Saved saved)
        {
            var record = saved.Json is { } logged
                ? Encoding.UTF8.GetString(logged.Span)
                : JsonSerializer.Serialize(saved.Record, json);
            Remember(transaction, keys, record);
        }

        return written;
    }

    private static void Prune(WriteTransaction transaction) =>
        transaction.Connection.Execute(
            """
            DELETE FROM idempotency
                  WHERE inserted_at < @oldest
            """,
            new { oldest = Timestamp.Format(transaction.Now - RememberedFor) });

    private static Written<WriteResult<T>>? FindEarlier<T>(
        WriteTransaction transaction, IReadOnlyList<IdempotencyKey> keys, JsonTypeInfo<T> json) =>
        keys.Select(key => FindEarlier(transaction, key, json)).FirstOrDefault(earlier => earlier is not null);

    /// <returns>The outcome for a request whose key is known; <c>null</c> if the key is new.</returns>
    private static Written<WriteResult<T>>? FindEarlier<T>(
        WriteTransaction transaction, IdempotencyKey key, JsonTypeInfo<T> json)
    {
        var row = transaction.Connection.QuerySingleOrDefault<Row>(
            """
            SELECT body_hash AS BodyHash, record AS Record
              FROM idempotency
             WHERE scope = @Scope
               AND key = @Key
            """,
            new { key.Scope, key.Key });
        if (row is null || JsonSerializer.Deserialize(row.Record, json) is not { } record)
        {
            return null;
        }

        return row.BodyHash.AsSpan().SequenceEqual(key.BodyHash)
            ? Written.Retried(record)
            : Written.Refused<T>(key.Reused);
    }

    // Some of the keys may be known already: an order's uuid, for example, sent again under a new Idempotency-Key.
    private static void Remember(WriteTransaction transaction, IReadOnlyList<IdempotencyKey> keys, string record)
    {
        foreach (var key in keys)
        {
            transaction.Connection.Execute(
                """
                INSERT INTO idempotency (scope, key, body_hash, record, inserted_at)
                     VALUES (@Scope, @Key, @BodyHash, @record, @Timestamp)
                ON CONFLICT DO NOTHING
                """,
                new { key.Scope, key.Key, key.BodyHash, record, transaction.Timestamp });
        }
    }

    private sealed record Row
    {
        public required byte[] BodyHash { get; init; }

        public required string Record { get; init; }
    }
}
