namespace Kaffediem.Persistence.Content;

/// <summary>
/// A text for the display, for example "Stengt i dag". On the wire and in the file it is called a message; in this code
/// that is the protocol's word.
/// </summary>
public sealed record Notice : IRecord
{
    /// <summary>The row's id, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>May be empty.</summary>
    public required string Title { get; init; }

    /// <summary>May be empty; <see langword="null"/> for none.</summary>
    public required string? Subtitle { get; init; }

    /// <summary>UTC, <c>2026-11-23T12:57:01</c>, as stored.</summary>
    public required string InsertedAt { get; init; }

    /// <inheritdoc cref="InsertedAt"/>
    public required string UpdatedAt { get; init; }
}

/// <summary>A notice to create.</summary>
public sealed record NoticeDraft
{
    /// <inheritdoc cref="Notice.Title"/>
    public string Title { get; init; } = "";

    /// <inheritdoc cref="Notice.Subtitle"/>
    public string? Subtitle { get; init; }
}

/// <summary>The fields of a notice to change.</summary>
public sealed record NoticePatch
{
    /// <inheritdoc cref="Notice.Title"/>
    public Optional<string> Title { get; init; }

    /// <inheritdoc cref="Notice.Subtitle"/>
    public Optional<string?> Subtitle { get; init; }

    internal Notice ApplyTo(Notice notice) => notice with
    {
        Title = Title.Or(notice.Title),
        Subtitle = Subtitle.Or(notice.Subtitle),
    };
}
