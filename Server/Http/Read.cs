using System.Diagnostics.CodeAnalysis;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Server.Http;

/// <summary>
/// The outcome of reading what a client or an operator wrote: the value, or which part of it makes no sense, and why.
/// </summary>
internal sealed record Read<T>
    where T : notnull
{
    private Read(T? value, FieldError? error) => (Value, Error) = (value, error);

    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsRead => Error is null;

    /// <summary>The value, if it was read.</summary>
    public T? Value { get; }

    /// <summary>The part that makes no sense, if there is one.</summary>
    public FieldError? Error { get; }

    public static implicit operator Read<T>(T value) => new(value, null);

    public static implicit operator Read<T>(FieldError error) => new(default, error);
}
