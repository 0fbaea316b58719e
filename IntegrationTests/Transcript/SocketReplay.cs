using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>Replays the cases of part 2, each over a new connection, and compares frame by frame.</summary>
internal sealed partial class SocketReplay(Uri server, TopicObserver observer, Sameness sameness)
{
    private const string Survived = "== connection SURVIVED (heartbeat answered)";
    private const string Closed = "== connection CLOSED by the server; TCP closed";

    /// <summary>Replays one case and returns the difference, or <c>null</c>.</summary>
    public async Task<string?> ReplayAsync(SocketCase recorded)
    {
        using var client = await FrameClient.ConnectAsync(server, recorded.PathAndQuery, headers: recorded.Headers);
        if (client.Status != recorded.Status)
        {
            return $"{recorded.Status} is now {client.Status}";
        }

        var conversation = new Conversation(client, recorded.IsV1);
        foreach (var line in recorded.Lines)
        {
            if (await FollowAsync(line, conversation) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    private async Task<string?> FollowAsync(string line, Conversation conversation)
    {
        switch (line)
        {
            case Survived:
                return await conversation.EndAsync();
            case Closed:
                return await conversation.ReadAsync() is { } more ? $"closed is now {more}" : null;
            case "== heartbeat NOT answered":
                return $"no answer is now {await conversation.ReadAsync() ?? "the end"}";
            case ['-', '>', ..]:
                await conversation.SendAsync(line[3..]);
                return null;
            case ['<', '-', ..]:
                return Compare(line[3..], await conversation.ReadAsync());
            default:
                return await RequestAsync(RestPattern.Match(line), conversation);
        }
    }

    private string? Compare(string before, string? now)
    {
        const string Mark = "text   ";
        return before.StartsWith(Mark, StringComparison.Ordinal)
            && now?.StartsWith(Mark, StringComparison.Ordinal) == true
            ? sameness.Difference(ShortenedJson.Parse(before[Mark.Length..]), JsonNode.Parse(now[Mark.Length..]))
            : before == now ? null : $"{before} is now {now ?? "nothing"}";
    }

    private async Task<string?> RequestAsync(Match request, Conversation conversation)
    {
        var headers = request.Groups["body"].Length > 0 ? new[] { ("Content-Type", "application/json") } : [];
        var sent = new HttpText(request.Groups["line"].Value, headers, request.Groups["body"].Value);
        var answer = await HttpText.ExchangeAsync(server, sent.ToBytes(server));
        await observer.ReadAsync();
        await conversation.SettleAsync();
        return $"{answer.Status}" == request.Groups["status"].Value
            ? null
            : $"{request.Value.Trim()} is now {answer.Status} {answer.Body}";
    }

    //    (REST PATCH /api/collections/order/records/3 {"state":"completed"} -> 200)
    [GeneratedRegex(@"^   \(REST (?<line>\S+ \S+) (?<body>.*) -> (?<status>\d+)\)$")]
    private static partial Regex RestPattern { get; }
}
