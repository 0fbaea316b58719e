namespace Kaffediem.Persistence.Catalog;

/// <summary>A way to vary an item, for example "Melk".</summary>
public sealed record CustomizationKey : IRecord
{
    /// <summary>The row's id, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>Not unique.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is offered.</summary>
    public required bool Enable { get; init; }

    /// <summary>A CSS colour; <see langword="null"/> for none.</summary>
    public required string? LabelColor { get; init; }

    /// <summary>The id, as text, of the value that is chosen by default; <see langword="null"/> for none.</summary>
    public required string? DefaultValue { get; init; }

    /// <summary>Whether several of its values may be chosen.</summary>
    public required bool MultipleChoice { get; init; }

    /// <summary>Lowest first; may be negative.</summary>
    public required long SortOrder { get; init; }

    /// <summary>UTC, <c>2026-11-23T12:57:01</c>, as stored.</summary>
    public required string InsertedAt { get; init; }

    /// <inheritdoc cref="InsertedAt"/>
    public required string UpdatedAt { get; init; }
}

/// <summary>A customization key to create. A field that is left out gets the column's default.</summary>
public sealed record CustomizationKeyDraft
{
    /// <inheritdoc cref="CustomizationKey.Name"/>
    public required string Name { get; init; }

    /// <inheritdoc cref="CustomizationKey.Enable"/>
    public bool Enable { get; init; }

    /// <inheritdoc cref="CustomizationKey.LabelColor"/>
    public string? LabelColor { get; init; }

    /// <inheritdoc cref="CustomizationKey.DefaultValue"/>
    public string? DefaultValue { get; init; }

    /// <inheritdoc cref="CustomizationKey.MultipleChoice"/>
    public bool MultipleChoice { get; init; }

    /// <inheritdoc cref="CustomizationKey.SortOrder"/>
    public long SortOrder { get; init; }
}

/// <summary>The fields of a customization key to change.</summary>
public sealed record CustomizationKeyPatch
{
    /// <inheritdoc cref="CustomizationKey.Name"/>
    public Optional<string> Name { get; init; }

    /// <inheritdoc cref="CustomizationKey.Enable"/>
    public Optional<bool> Enable { get; init; }

    /// <inheritdoc cref="CustomizationKey.LabelColor"/>
    public Optional<string?> LabelColor { get; init; }

    /// <inheritdoc cref="CustomizationKey.DefaultValue"/>
    public Optional<string?> DefaultValue { get; init; }

    /// <inheritdoc cref="CustomizationKey.MultipleChoice"/>
    public Optional<bool> MultipleChoice { get; init; }

    /// <inheritdoc cref="CustomizationKey.SortOrder"/>
    public Optional<long> SortOrder { get; init; }

    internal CustomizationKey ApplyTo(CustomizationKey key) => key with
    {
        Name = Name.Or(key.Name),
        Enable = Enable.Or(key.Enable),
        LabelColor = LabelColor.Or(key.LabelColor),
        DefaultValue = DefaultValue.Or(key.DefaultValue),
        MultipleChoice = MultipleChoice.Or(key.MultipleChoice),
        SortOrder = SortOrder.Or(key.SortOrder),
    };
}
