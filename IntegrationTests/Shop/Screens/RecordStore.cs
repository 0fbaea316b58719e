using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// The front end's store of one list: appends on create, replaces on update, filters on delete (docs/design.md, "The
/// front end"). Unlike the front end it reports a change that cannot follow.
/// </summary>
internal sealed class RecordStore
{
    private readonly List<JsonNode> _records = [];

    public RecordStore(JsonArray? items = null) =>
        _records.AddRange((items ?? []).Select(record => record!.DeepClone()));

    /// <summary>Applies a change.</summary>
    /// <returns>Whether it creates an unknown record, or updates or deletes a known one.</returns>
    public bool Apply(string action, JsonNode record)
    {
        var known = record["id"] is null ? -1 : _records.FindIndex(old => Id(old) == Id(record));
        switch (action)
        {
            case "delete" when known >= 0: _records.RemoveAt(known); break;
            case "update" when known >= 0: _records[known] = record.DeepClone(); break;
            default: _records.Add(record.DeepClone()); break;
        }

        return (action == "create") == (known < 0);
    }

    /// <summary>The records as JSON, ordered by id.</summary>
    public override string ToString() =>
        $"[{string.Join(",", _records.OrderBy(Id).Select(record => record.ToJsonString(Json.Relaxed)))}]";

    private static long Id(JsonNode record) => (long)record["id"]!;
}
