namespace Kaffediem.Persistence;

/// <summary>A field of a patch: named with a value, which may be <see langword="null"/>, or not named at all.</summary>
public readonly record struct Optional<T>
{
    /// <summary>Names the field.</summary>
    public Optional(T value)
    {
        HasValue = true;
        Value = value;
    }

    /// <summary>Whether the patch names the field.</summary>
    public bool HasValue { get; }

    /// <summary>The new value. Means nothing when the field is not named.</summary>
    public T Value { get; }

    /// <summary>Names the field.</summary>
    public static implicit operator Optional<T>(T value) => new(value);

    /// <summary>The new value, or <paramref name="current"/> when the field is not named.</summary>
    public T Or(T current) => HasValue ? Value : current;
}
