using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.Tills;

namespace Kaffediem.IntegrationTests.Shop.Logs;

/// <summary>A row of the change log.</summary>
internal sealed record LogEntry
{
    public required long Seq { get; init; }

    public required string Collection { get; init; }

    public required string Action { get; init; }

    public required long RecordId { get; init; }

    /// <summary>The record as JSON.</summary>
    public required string Record { get; init; }

    /// <summary>The columns that the record's row must have, as in <see cref="DiskState.Records"/>.</summary>
    public required string Row { get; init; }

    /// <summary>The record's name, as in <see cref="DiskState.Records"/>.</summary>
    public string Name => $"{Collection} {RecordId}";

    /// <summary>The mark of the write that made it, as in <see cref="ShopWrite.Mark"/>.</summary>
    public string Mark => $"{Action} {Collection} " + (Action, Collection) switch
    {
        ("create", "order") => Member("uuid"),
        ("update", "order") => Member("customer_id"),
        ("create", "message") => Member("title"),
        _ => $"{RecordId}",
    };

    private string Member(string name) => JsonElement.Parse(Record).GetProperty(name).ToString();
}
