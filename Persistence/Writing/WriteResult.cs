namespace Kaffediem.Persistence.Writing;

/// <summary>
/// The outcome of a write to a record: <see cref="Saved"/>, <see cref="NotFound"/>, <see cref="Refused"/> or
/// <see cref="PreconditionFailed"/>.
/// </summary>
public abstract record WriteResult<T>
{
    private WriteResult()
    {
    }

    /// <summary>The write is committed.</summary>
    /// <param name="Record">The record as it is now; as it was, if it is deleted.</param>
    public sealed record Saved(T Record) : WriteResult<T>
    {
        /// <summary>
        /// Whether an earlier request has made the record, and this one, its retry, nothing. Then the record is as it
        /// was made, whatever became of it since.
        /// </summary>
        public bool IsReplay { get; init; }

        /// <summary>
        /// The record as the log has it, UTF-8; <c>null</c> if nobody needs it so often that it is kept.
        /// </summary>
        public ReadOnlyMemory<byte>? Json { get; init; }
    }

    /// <summary>No record has this id. Nothing is written.</summary>
    public sealed record NotFound : WriteResult<T>;

    /// <summary>A rule forbids the write. Nothing is written.</summary>
    /// <param name="Errors">All that is wrong; never empty.</param>
    public sealed record Refused(IReadOnlyList<FieldError> Errors) : WriteResult<T>;

    /// <summary>The record is no longer the one that the caller has seen. Nothing is written.</summary>
    public sealed record PreconditionFailed : WriteResult<T>;
}

/// <summary>What is wrong with a field.</summary>
/// <param name="Field">The field's name on the wire, <c>category_id</c>.</param>
/// <param name="Message">Fit for the user, <c>does not exist</c>.</param>
public record FieldError(string Field, string Message); // Not sealed: OrderLineError adds where in the order.
