namespace Kaffediem.Persistence;

/// <summary>A field of a patch: present with a value, which may be <see langword="null"/>, or absent.</summary>
public readonly record struct Optional<T>
{
    /// <summary>Makes a field that is present.</summary>
    public Optional(T value)
    {
        HasValue = true;
        Value = value;
    }

    /// <summary>Whether the field is present.</summary>
    public bool HasValue { get; }

    /// <summary>The new value. Has no meaning when the field is absent.</summary>
    public T Value { get; }

    /// <summary>Makes a field that is present.</summary>
    public static implicit operator Optional<T>(T value) => new(value);

    /// <summary>The new value, or <paramref name="current"/> when the field is absent.</summary>
    public T Or(T current) => HasValue ? Value : current;
}
