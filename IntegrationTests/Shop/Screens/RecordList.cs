using System.Text.Json;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>The records of a list, by id, as JSON.</summary>
internal sealed class RecordList(IReadOnlyDictionary<long, string> records)
{
    public IReadOnlyDictionary<long, string> Records => records;

    public static RecordList Read(JsonElement list) => new(list.EnumerateArray()
        .ToDictionary(record => record.GetProperty("id").GetInt64(), record => record.GetRawText()));

    /// <summary>Reads the server's records of a collection.</summary>
    public static async Task<RecordList> ReadAsync(RestClient client, string collection, string query = "")
    {
        var answer = await client.GetAsync($"/api/collections/{collection}/records{query}");
        return Read(answer.Is(200).GetProperty("items"));
    }

    /// <summary>Reads the server's records of some collections.</summary>
    public static async Task<IReadOnlyDictionary<string, RecordList>> ReadAsync(
        RestClient client, IEnumerable<string> collections)
    {
        Dictionary<string, RecordList> lists = [];
        foreach (var collection in collections)
        {
            lists[collection] = await ReadAsync(client, collection);
        }

        return lists;
    }

    public static bool IsSame(string? one, string? other) => one is null || other is null
        ? one == other
        : one == other || JsonElement.DeepEquals(JsonElement.Parse(one), JsonElement.Parse(other));

    public RecordList Where(Func<JsonElement, bool> passes) =>
        new(records.Where(record => passes(JsonElement.Parse(record.Value))).ToDictionary());

    public void AssertSame(RecordList actual, string where) =>
        Assert.True(Difference(actual.Records) is not { } difference, $"{where}: {Difference(actual.Records)}");

    /// <summary>The first record in which others differ from these; <c>null</c> if they do not.</summary>
    public string? Difference(IReadOnlyDictionary<long, string> actual) => records.Keys.Union(actual.Keys)
        .Select(id => (Id: id, There: actual.GetValueOrDefault(id), Wanted: records.GetValueOrDefault(id)))
        .Where(it => !IsSame(it.There, it.Wanted))
        .Select(it => $"record {it.Id} is {it.There ?? "missing"} instead of {it.Wanted ?? "missing"}")
        .FirstOrDefault();
}
