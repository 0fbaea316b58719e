using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Kaffediem.Persistence.Log;

/// <summary>What happened to a record.</summary>
public enum ChangeAction
{
    /// <summary>The record is new.</summary>
    Create,

    /// <summary>The record has new values, or was written again with the same ones.</summary>
    Update,

    /// <summary>The record was deleted.</summary>
    Delete,

    /// <summary>The record has not changed, but its day is over: it left today's orders.</summary>
    DayOver,
}

/// <summary>A committed change, as the log has it.</summary>
/// <param name="Seq">Grows with every change, in the order of commits.</param>
/// <param name="Collection">The record's collection, for example <c>order</c>.</param>
/// <param name="Action">What happened.</param>
/// <param name="RecordId">The record's id.</param>
/// <param name="RecordJson">
/// The whole record, UTF-8, ready to be sent; only its id, <c>{"id":1}</c>, for <see cref="ChangeAction.Delete"/> and
/// <see cref="ChangeAction.DayOver"/>.
/// </param>
/// <param name="Before">
/// The keys by which filters saw the record before; <c>null</c> for a new record, and where a store has no filters.
/// </param>
/// <param name="After">
/// The keys by which filters see the record now; <c>null</c> for a deleted record, and where a store has no filters.
/// </param>
public sealed record Change(
    long Seq,
    string Collection,
    ChangeAction Action,
    long RecordId,
    ReadOnlyMemory<byte> RecordJson,
    FilterKeys? Before,
    FilterKeys? After);

/// <summary>A change that the write door appends to the log when it commits the write it belongs to.</summary>
public sealed record NewChange
{
    private NewChange(string collection, ChangeAction action, long recordId, byte[] recordJson)
    {
        Collection = collection;
        Action = action;
        RecordId = recordId;
        RecordJson = recordJson;
    }

    internal string Collection { get; }

    internal ChangeAction Action { get; }

    internal long RecordId { get; }

    internal byte[] RecordJson { get; }

    internal FilterKeys? Before { get; init; }

    internal FilterKeys? After { get; init; }

    internal static NewChange Create<T>(string collection, long id, T record, JsonTypeInfo<T> json) =>
        new(collection, ChangeAction.Create, id, JsonSerializer.SerializeToUtf8Bytes(record, json));

    internal static NewChange Update<T>(string collection, long id, T record, JsonTypeInfo<T> json) =>
        new(collection, ChangeAction.Update, id, JsonSerializer.SerializeToUtf8Bytes(record, json));

    internal static NewChange Delete(string collection, long id) => OfId(collection, ChangeAction.Delete, id);

    internal static NewChange DayOver(string collection, long id) => OfId(collection, ChangeAction.DayOver, id);

    private static NewChange OfId(string collection, ChangeAction action, long id) =>
        new(collection, action, id, Encoding.UTF8.GetBytes($$"""{"id":{{id}}}"""));
}
