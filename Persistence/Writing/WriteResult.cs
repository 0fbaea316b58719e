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
    /// <param name="Record">The record as it is now; a deleted one as it was.</param>
    public sealed record Saved(T Record) : WriteResult<T>
    {
        /// <summary>
        /// True when this request is a retry and the first attempt created the record. <see cref="Record"/> is then the
        /// record as it was created, whatever has changed since.
        /// </summary>
        public bool IsRetry { get; init; }

        /// <summary>
        /// The record's JSON as the log has it, UTF-8; <c>null</c> unless the store keeps it (only orders do).
        /// </summary>
        public ReadOnlyMemory<byte>? Json { get; init; }
    }

    /// <summary>No record has this id. Nothing was written.</summary>
    public sealed record NotFound : WriteResult<T>;

    /// <summary>A rule forbids the write. Nothing was written.</summary>
    /// <param name="Errors">All errors; never empty.</param>
    public sealed record Refused(IReadOnlyList<FieldError> Errors) : WriteResult<T>;

    /// <summary>The record has changed since the caller read it. Nothing was written.</summary>
    public sealed record PreconditionFailed : WriteResult<T>;
}

/// <summary>An error in a field.</summary>
/// <param name="Field">The field's name on the wire, for example <c>category_id</c>.</param>
/// <param name="Message">A text for the user, for example <c>does not exist</c>.</param>
public record FieldError(string Field, string Message); // Not sealed: OrderLineError adds the place in the order.
