using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>An answer of the REST API.</summary>
public sealed class RestAnswer
{
    private readonly Dictionary<string, string[]> _headers;

    private RestAnswer(HttpResponseMessage response, string text)
    {
        Status = (int)response.StatusCode;
        Text = text;
        // Not validated: as they were sent.
        _headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).ToDictionary(
            header => header.Key, header => header.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
    }

    public int Status { get; }

    public string Text { get; }

    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>The body, to be compared with what came over a socket.</summary>
    public JsonNode Node => JsonNode.Parse(Text)!;

    /// <summary>The elements of a list.</summary>
    public JsonElement[] Items => [.. Json.GetProperty("items").EnumerateArray()];

    /// <summary>The first cookie that it sets: <c>name=value</c>.</summary>
    public string Cookie => Values("Set-Cookie")[0].Split(';')[0];

    /// <summary>The value of a header, or its values, joined; <c>null</c> without it.</summary>
    public string? Header(string name) =>
        _headers.GetValueOrDefault(name) is { } values ? string.Join(", ", values) : null;

    /// <summary>The values of a header.</summary>
    public string[] Values(string name) => _headers.GetValueOrDefault(name) ?? [];

    /// <summary>Asserts the status and, structurally, the body.</summary>
    public void Is(int status, string json)
    {
        Assert.True(status == Status, $"Expected {status}, got {Status}: {Text}");
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(json), Json), $"Expected {json}, got {Text}");
        Assert.StartsWith("application/json", Header("Content-Type"), StringComparison.Ordinal);
    }

    /// <summary>Asserts the status; returns the body.</summary>
    public JsonElement Is(int status)
    {
        Assert.True(status == Status, $"Expected {status}, got {Status}: {Text}");
        return Text.Length == 0 ? default : Json;
    }

    internal static async Task<RestAnswer> ReadAsync(HttpResponseMessage response) =>
        new(response, await response.Content.ReadAsStringAsync());
}
