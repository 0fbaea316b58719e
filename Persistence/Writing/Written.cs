using Kaffediem.Persistence.Log;

namespace Kaffediem.Persistence.Writing;

/// <summary>
/// The outcome of a write for the write door: its result and the changes to log. Every write must return one, so none
/// can forget its changes.
/// </summary>
/// <param name="Result">What the caller of <see cref="Database.WriteAsync"/> gets after the commit.</param>
/// <param name="Changes">Appended to the change log in the same transaction, in this order; may be empty.</param>
public readonly record struct Written<T>(T Result, IReadOnlyList<NewChange> Changes);

/// <summary>The usual endings of a write.</summary>
public static class Written
{
    /// <summary>The write has a result, but changed nothing that others could see.</summary>
    public static Written<T> WithoutChange<T>(T result) => new(result, []);

    /// <summary>The record has changed since the caller read it: nothing was written.</summary>
    public static Written<WriteResult<T>> PreconditionFailed<T>() => new(new WriteResult<T>.PreconditionFailed(), []);

    internal static Written<WriteResult<T>> Saved<T>(T record, params IReadOnlyList<NewChange> changes) =>
        new(new WriteResult<T>.Saved(record), changes);

    internal static Written<WriteResult<T>> Retried<T>(T record) =>
        new(new WriteResult<T>.Saved(record) { IsRetry = true }, []);

    internal static Written<WriteResult<T>> NotFound<T>() => new(new WriteResult<T>.NotFound(), []);

    internal static Written<WriteResult<T>> Refused<T>(params IReadOnlyList<FieldError> errors) =>
        new(new WriteResult<T>.Refused(errors), []);
}
