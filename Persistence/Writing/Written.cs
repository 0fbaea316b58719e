using Kaffediem.Persistence.Log;

namespace Kaffediem.Persistence.Writing;

/// <summary>
/// What a write hands to the write door: its result, and the changes that belong to it. A write cannot end without
/// one, so none can forget its changes.
/// </summary>
/// <param name="Result">What the caller of <see cref="Database.WriteAsync"/> gets after the commit.</param>
/// <param name="Changes">Appended to the change log in the same transaction, in this order; may be empty.</param>
public readonly record struct Written<T>(T Result, IReadOnlyList<NewChange> Changes);

/// <summary>The usual endings of a write.</summary>
public static class Written
{
    /// <summary>The write has a result, but nothing that others could see has changed.</summary>
    public static Written<T> WithoutChange<T>(T result) => new(result, []);

    /// <summary>The record is no longer the one that the caller has seen: nothing is written.</summary>
    public static Written<WriteResult<T>> PreconditionFailed<T>() => new(new WriteResult<T>.PreconditionFailed(), []);

    internal static Written<WriteResult<T>> Saved<T>(T record, params IReadOnlyList<NewChange> changes) =>
        new(new WriteResult<T>.Saved(record), changes);

    internal static Written<WriteResult<T>> Replayed<T>(T record) =>
        new(new WriteResult<T>.Saved(record) { IsReplay = true }, []);

    internal static Written<WriteResult<T>> NotFound<T>() => new(new WriteResult<T>.NotFound(), []);

    internal static Written<WriteResult<T>> Refused<T>(params IReadOnlyList<FieldError> errors) =>
        new(new WriteResult<T>.Refused(errors), []);
}
