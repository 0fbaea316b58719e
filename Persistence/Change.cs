using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Kaffediem.Persistence;

/// <summary>What happened to a record.</summary>
public enum ChangeAction
{
    /// <summary>The record is new.</summary>
    Create,

    /// <summary>The record has other values, or was written again with the same ones.</summary>
    Update,

    /// <summary>The record is gone.</summary>
    Delete,
}

/// <summary>A committed change, as the log keeps it.</summary>
/// <param name="Seq">Grows with every change, in the order of commits.</param>
/// <param name="Collection"><c>order</c>, <c>message</c>, <c>status</c> or <c>menu</c>.</param>
/// <param name="Action">What happened.</param>
/// <param name="RecordJson">The whole record, UTF-8, ready to be sent; <c>{"id":1}</c> of a deleted one.</param>
public sealed record Change(long Seq, string Collection, ChangeAction Action, ReadOnlyMemory<byte> RecordJson);

/// <summary>A place in the change log.</summary>
/// <param name="Seq">The last change seen; 0 before the first.</param>
/// <param name="Epoch">The database file the number belongs to.</param>
public readonly record struct ChangePosition(long Seq, string Epoch);

/// <summary>A change that the write door appends to the log when it commits the write it belongs to.</summary>
public sealed record NewChange
{
    private NewChange(string collection, ChangeAction action, long? recordId, string recordJson)
    {
        Collection = collection;
        Action = action;
        RecordId = recordId;
        RecordJson = recordJson;
    }

    internal string Collection { get; }

    internal ChangeAction Action { get; }

    internal long? RecordId { get; }

    internal string RecordJson { get; }

    internal static NewChange Create<T>(string collection, long id, T record, JsonTypeInfo<T> json) =>
        new(collection, ChangeAction.Create, id, JsonSerializer.Serialize(record, json));

    internal static NewChange Update<T>(string collection, long? id, T record, JsonTypeInfo<T> json) =>
        new(collection, ChangeAction.Update, id, JsonSerializer.Serialize(record, json));

    internal static NewChange Delete(string collection, long id) =>
        new(collection, ChangeAction.Delete, id, $$"""{"id":{{id}}}""");
}
