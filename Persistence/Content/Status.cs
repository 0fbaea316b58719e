namespace Kaffediem.Persistence.Content;

/// <summary>Whether the shop is open, and what the display shows. The front end uses only the first row.</summary>
public sealed record Status : IRecord
{
    /// <summary>The row's id, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>Whether the shop is open.</summary>
    public required bool Open { get; init; }

    /// <summary>Whether the display shows the notice.</summary>
    public required bool ShowMessage { get; init; }

    /// <summary>The notice's id; <see langword="null"/> for none. It exists, unless Kaffebase wrote the row.</summary>
    public required long? MessageId { get; init; }

    /// <summary>UTC, <c>2026-11-23T12:57:01</c>, as stored.</summary>
    public required string InsertedAt { get; init; }

    /// <inheritdoc cref="InsertedAt"/>
    public required string UpdatedAt { get; init; }
}

/// <summary>A status to create. A field that is left out gets the column's default.</summary>
public sealed record StatusDraft
{
    /// <inheritdoc cref="Status.Open"/>
    public bool Open { get; init; }

    /// <inheritdoc cref="Status.ShowMessage"/>
    public bool ShowMessage { get; init; }

    /// <inheritdoc cref="Status.MessageId"/>
    public long? MessageId { get; init; }
}

/// <summary>The fields of a status to change.</summary>
public sealed record StatusPatch
{
    /// <inheritdoc cref="Status.Open"/>
    public Optional<bool> Open { get; init; }

    /// <inheritdoc cref="Status.ShowMessage"/>
    public Optional<bool> ShowMessage { get; init; }

    /// <inheritdoc cref="Status.MessageId"/>
    public Optional<long?> MessageId { get; init; }

    internal Status ApplyTo(Status status) => status with
    {
        Open = Open.Or(status.Open),
        ShowMessage = ShowMessage.Or(status.ShowMessage),
        MessageId = MessageId.Or(status.MessageId),
    };
}
