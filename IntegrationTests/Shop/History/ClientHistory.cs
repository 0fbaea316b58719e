using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.Screens;

namespace Kaffediem.IntegrationTests.Shop.History;

/// <summary>Records what one screen does and receives. The caller keeps the order.</summary>
internal sealed class ClientHistory(string who, ShopHistory history)
{
    private const string Prefix = "collection:";

    /// <summary>It is about to join.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="since">The state it resumes from; <c>null</c>: none.</param>
    public void Joins(string collection, ScreenState? since) =>
        history.Add(new JoinRequested(who, collection, since is null ? null : new Position(since.Epoch, since.Seq)));

    /// <summary>It has received a message. The only replies on a collection's topic are to joins.</summary>
    public void Hears(string topic, string @event, JsonElement payload)
    {
        if (!topic.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return; // a heartbeat's
        }

        if (@event == "change")
        {
            history.Add(new ChangeReceived(who, topic[Prefix.Length..], Change(payload)));
        }
        else if (@event == "phx_reply" && payload.GetProperty("status").GetString() == "ok")
        {
            history.Add(Answer(topic[Prefix.Length..], payload.GetProperty("response")));
        }
    }

    /// <summary>Its connection has ended.</summary>
    public void Loses(int? closeCode) => history.Add(new LineLost(who, closeCode));

    private static ReceivedChange Change(JsonElement change) => new(
        change.GetProperty("seq").GetInt64(),
        change.GetProperty("action").GetString()!,
        change.GetProperty("record").GetRawText());

    private HistoryEvent Answer(string collection, JsonElement response)
    {
        var at = new Position(response.GetProperty("epoch").GetString()!, response.GetProperty("seq").GetInt64());
        return response.TryGetProperty("changes", out var changes)
            ? new RecoveryReceived(who, collection, at, [.. changes.EnumerateArray().Select(Change)])
            : new SnapshotReceived(who, collection, at, RecordList.Read(response.GetProperty("items")).Records);
    }
}
