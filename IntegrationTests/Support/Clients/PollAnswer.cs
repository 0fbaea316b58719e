using System.Net;
using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>What a long-poll client is answered: over HTTP, and in the JSON of the body.</summary>
internal sealed record PollAnswer(HttpStatusCode HttpStatus, IReadOnlyDictionary<string, string> Headers, string Body)
{
    private readonly JsonNode? _json = Body.Length > 0 ? JsonNode.Parse(Body) : null;

    /// <summary>The true status; 0 where the body is empty, as phoenix.js reads it.</summary>
    public int Status => (int?)_json?["status"] ?? 0;

    public string? Token => (string?)_json?["token"];

    public IReadOnlyList<string> Messages =>
        [.. (_json?["messages"] as JsonArray ?? []).Select(message => (string)message!)];

    public static async Task<PollAnswer> ReadAsync(HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(
            header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        var body = await response.Content.ReadAsStringAsync();
        return new PollAnswer(response.StatusCode, headers, body);
    }
}
