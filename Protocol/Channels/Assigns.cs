using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Kaffediem.Protocol;

/// <summary>
/// An application's values for a socket or a channel, by name (Phoenix: assigns). A channel's are at first a copy of
/// its socket's, made at the join; later changes to one do not affect the other. Thread-safe.
/// </summary>
public sealed class Assigns
{
    private static readonly ImmutableDictionary<string, object> Nothing =
        ImmutableDictionary.Create<string, object>(StringComparer.Ordinal);

    // Immutable, so that a copy costs nothing: every join of every socket makes one.
    private ImmutableDictionary<string, object> _values = Nothing;

    /// <summary>Sets a value.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="value">The value; it is not copied.</param>
    public void Set<T>(string key, T value)
        where T : notnull =>
        ImmutableInterlocked.Update(
            ref _values, (values, added) => values.SetItem(added.key, added.value), (key, value));

    /// <summary>Gets a value.</summary>
    /// <param name="key">Its name.</param>
    /// <exception cref="KeyNotFoundException">None was set.</exception>
    /// <exception cref="InvalidCastException">It is of another type.</exception>
    public T Get<T>(string key)
        where T : notnull =>
        Volatile.Read(ref _values).TryGetValue(key, out var value)
            ? (T)value
            : throw new KeyNotFoundException($"Nothing is assigned to \"{key}\".");

    /// <summary>Looks for a value of a type.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="value">The value, if there is one of this type.</param>
    public bool TryGet<T>(string key, [NotNullWhen(true)] out T? value)
        where T : notnull
    {
        if (Volatile.Read(ref _values).TryGetValue(key, out var found) && found is T typed)
        {
            value = typed;
            return true;
        }

        value = default;
        return false;
    }

    internal Assigns Copy() => new() { _values = Volatile.Read(ref _values) };
}
