namespace Kaffediem.Protocol;

/// <summary>
/// A <c>ref</c> or <c>join_ref</c>: the exact JSON value the client sent, echoed byte for byte, because phoenix.js
/// compares with <c>===</c> (docs/protocol.md, "Refs"). Two refs are equal when their JSON text is.
/// </summary>
internal readonly struct Ref(ReadOnlyMemory<byte> json) : IEquatable<Ref>
{
    private readonly ReadOnlyMemory<byte> _json = json;

    /// <summary>No ref: JSON <c>null</c>.</summary>
    public static Ref Null => default;

    public bool IsNull => _json.IsEmpty || _json.Span.SequenceEqual("null"u8);

    public ReadOnlySpan<byte> Json => _json.IsEmpty ? "null"u8 : _json.Span;

    /// <summary>The same ref without the frame that it came in, which may be long.</summary>
    public Ref Copy() => new(_json.ToArray());

    public bool Equals(Ref other) => Json.SequenceEqual(other.Json);

    public override bool Equals(object? obj) => obj is Ref other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Json);
        return hash.ToHashCode();
    }
}
