using System.Data;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dapper;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>
/// After a write that only one of both back ends accepted: sets the row to where Kaffebase left it, so that the next
/// case shows only its own differences.
/// </summary>
internal sealed partial class Realignment(Database database, Sameness sameness)
{
    // Collection and id → the record in Kaffebase's last answer.
    private readonly Dictionary<(string Collection, long Id), JsonObject> _records = [];

    /// <summary>Called after every case.</summary>
    /// <returns>Whether it wrote anything.</returns>
    public async Task<bool> ApplyAsync(RestCase recorded, HttpText answer)
    {
        var path = RecordPattern.Match(recorded.Request?.FirstLine ?? "");
        if (!path.Success)
        {
            return false;
        }

        var collection = path.Groups["collection"].Value;
        var id = path.Groups["id"].Success ? Number(path.Groups["id"].Value) : (long?)null;
        var before = RecordIn(recorded.Answer);
        if (before is not null)
        {
            id = (long)before["id"]!;
            _records[(collection, id.Value)] = before;
        }

        return (IsTaken(recorded.Answer), IsTaken(answer)) switch
        {
            // The recorder silently removed this long message: the next list of messages is empty.
            _ when recorded.Id == "R88" => await WriteAsync(Delete(collection, id!.Value)),
            (true, true) when Says(before, RecordIn(answer)) => false,
            (false, false) => false,
            (true, _) when before is null => await WriteAsync(Delete(collection, id!.Value)),
            (true, _) => await WriteAsync(Store(collection, before)),
            (false, _) when id is null => await ForgetAsync(collection, (long)RecordIn(answer)!["id"]!),
            _ => await WriteAsync(Store(collection, _records[(collection, id.Value)])),
        };
    }

    /// <summary>Removes the records after an id, and resets the next id.</summary>
    public Task ForgetAfterAsync(string collection, long id) => WriteAsync(connection =>
    {
        connection.Execute($"""DELETE FROM "{collection}" WHERE id > @id""", new { id });
        connection.Execute("UPDATE sqlite_sequence SET seq = @id WHERE name = @collection", new { id, collection });
    });

    private static bool IsTaken(HttpText answer) => answer.Status is >= 200 and < 300;

    private bool Says(JsonObject? before, JsonObject? now) => before is null
        ? now is null
        : sameness.Difference(new ShortenedJson(before, true), now) is null;

    private static JsonObject? RecordIn(HttpText answer) =>
        answer.Body is { } body && IsTaken(answer) && body.StartsWith('{')
            ? ShortenedJson.Parse(body).Value!.AsObject()
            : null;

    private async Task<bool> ForgetAsync(string collection, long id)
    {
        await ForgetAfterAsync(collection, id - 1);
        return true;
    }

    // Bypasses the stores, but writes a change: the caches are keyed by seq.
    private async Task<bool> WriteAsync(Action<IDbConnection> write) => await database.WriteAsync(
        transaction =>
        {
            write(transaction.Connection);
            return new Written<bool>(true, [NewChange.Delete("category", id: 0)]);
        },
        TestContext.Current.CancellationToken);

    private static Action<IDbConnection> Delete(string collection, long id) => connection =>
        connection.Execute($"""DELETE FROM "{collection}" WHERE id = @id""", new { id });

    private static Action<IDbConnection> Store(string collection, JsonObject record) => connection =>
    {
        var columns = record.Where(member => member.Value is not null).Select(Column).ToList();
        var parameters = new DynamicParameters();
        columns.ForEach(column => parameters.Add(column.Name, column.Value));
        var names = string.Join(", ", columns.Select(column => column.Name));
        var values = string.Join(", ", columns.Select(column => $"@{column.Name}"));
        var updates = string.Join(", ", columns.Select(column => $"{column.Name} = excluded.{column.Name}"));
        connection.Execute(
            $"""
            INSERT INTO "{collection}" ({names})
                 VALUES ({values})
            ON CONFLICT (id) DO UPDATE
                    SET {updates}
            """,
            parameters);
    };

    private static (string Name, object Value) Column(KeyValuePair<string, JsonNode?> member) => member switch
    {
        { Key: "items", Value: JsonArray items } => ("items_data", items.ToJsonString(Support.Json.Relaxed)),
        { Key: "valid_customizations", Value: JsonArray ids } => (member.Key, KeyIds.Format(ids.GetValues<long>())),
        { Value: JsonValue value } when value.TryGetValue<bool>(out var flag) => (member.Key, flag),
        { Value: JsonValue value } when value.TryGetValue<long>(out var number) => (member.Key, number),
        _ => (member.Key, (string)member.Value!),
    };

    private static long Number(string digits) => long.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(POST|PATCH|PUT|DELETE) /api/collections/(?<collection>[a-z_]+)/records(/(?<id>\d{1,9}))?(\?|$)")]
    private static partial Regex RecordPattern { get; }
}
