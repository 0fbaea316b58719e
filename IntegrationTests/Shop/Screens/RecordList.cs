using System.Text.Json;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>The records of a list, by id, as JSON.</summary>
internal sealed class RecordList
{
    private const int LongestList = 10;

    private readonly IReadOnlyDictionary<long, string> _records;

    private RecordList(IReadOnlyDictionary<long, string> records) => _records = records;

    public IReadOnlyDictionary<long, string> Records => _records;

    public static RecordList Of(IReadOnlyDictionary<long, string> records) => new(records);

    public static RecordList Read(JsonElement list) => new(list.EnumerateArray()
        .ToDictionary(record => record.GetProperty("id").GetInt64(), record => record.GetRawText()));

    /// <summary>Reads the server's records of some collections.</summary>
    public static async Task<IReadOnlyDictionary<string, RecordList>> ReadAsync(
        RestClient client, IEnumerable<string> collections)
    {
        Dictionary<string, RecordList> lists = [];
        foreach (var collection in collections)
        {
            var answer = await client.GetAsync($"/api/collections/{collection}/records");
            lists[collection] = Read(answer.Is(200).GetProperty("items"));
        }

        return lists;
    }

    public static bool IsSame(string one, string other) =>
        one == other || JsonElement.DeepEquals(JsonElement.Parse(one), JsonElement.Parse(other));

    public RecordList Where(Func<JsonElement, bool> passes) =>
        new(_records.Where(record => passes(JsonElement.Parse(record.Value))).ToDictionary());

    public void AssertSame(RecordList actual, string where) =>
        Assert.True(Difference(actual._records) is not { } difference, $"{where}: {Difference(actual._records)}");

    /// <summary>How other records differ from these; <c>null</c> if they do not.</summary>
    public string? Difference(IReadOnlyDictionary<long, string> actual)
    {
        var missing = _records.Keys.Where(id => !actual.ContainsKey(id)).ToList();
        var surplus = actual.Keys.Where(id => !_records.ContainsKey(id)).ToList();
        var other = _records.Where(it => actual.TryGetValue(it.Key, out var json) && !IsSame(it.Value, json)).ToList();
        if (missing.Count + surplus.Count + other.Count == 0)
        {
            return null;
        }

        var example = other.Count == 0 ? "" : $" such as {actual[other[0].Key]} instead of {other[0].Value}";
        return $"missing {Join(missing)}, too many {Join(surplus)}, other {Join(other.Select(it => it.Key))}{example}";
    }

    private static string Join(IEnumerable<long> ids) => $"[{string.Join(' ', ids.Take(LongestList))}]";
}
