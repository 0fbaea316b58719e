using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.Logs;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// A screen's topics and the messages that are not answered yet. Not thread-safe: <see cref="WatchedTopics"/> has the
/// lock.
/// </summary>
internal sealed class ScreenTopics(Tally tally)
{
    private const string Prefix = "collection:";

    private readonly Dictionary<string, ScreenTopic> _topics = [];
    private readonly Dictionary<string, ScreenMessage> _pending = [];
    private int _lastRef;

    public bool IsAnswered => _pending.Count == 0;

    /// <summary>The topics to join after a new connection.</summary>
    public IReadOnlyList<ScreenTopic> Wanted => [.. _topics.Values.Where(topic => topic.Wanted is not null)];

    /// <summary>Takes the changes that were received on all topics.</summary>
    public IReadOnlyList<ReceivedRange> TakeReceived() =>
        [.. _topics.Values.SelectMany(topic => topic.TakeReceived())];

    public ScreenTopic Get(string collection) => _topics.TryGetValue(collection, out var topic)
        ? topic
        : _topics[collection] = new ScreenTopic(collection, tally);

    /// <summary>A join.</summary>
    /// <param name="view">What to show.</param>
    /// <param name="since">From which state to continue.</param>
    /// <param name="pick">Which of its past states <see cref="ResumeFrom.Earlier"/> means.</param>
    public ScreenMessage Join(ScreenView view, ResumeFrom since, int pick = 0)
    {
        var topic = Get(view.Collection);
        topic.Wanted = view;
        var request = topic.Ask(view, since, pick);
        return Ask("phx_join", topic, request.Payload, request);
    }

    /// <summary>A malformed join.</summary>
    public ScreenMessage JoinBadly(string collection, string payload)
    {
        Get(collection).Wanted = null;
        return Ask("phx_join", Get(collection), payload);
    }

    public ScreenMessage Leave(string collection)
    {
        Get(collection).Wanted = null;
        return Ask("phx_leave", Get(collection));
    }

    /// <summary>A reload; <c>null</c> for a topic that is not joined.</summary>
    public ScreenMessage? Reload(string collection) => Get(collection) is { Wanted: { } view } topic
        ? Ask("reload", topic, "{}", new JoinRequest(view, ResumeFrom.Nothing, null))
        : null;

    public ScreenMessage Beat() => Ask("heartbeat", null);

    /// <summary>The connection has ended: no pending message is answered.</summary>
    public void Disconnect()
    {
        _pending.Clear();
        _topics.Values.ToList().ForEach(topic => topic.End("disconnected"));
    }

    /// <summary>Applies a message from the server.</summary>
    /// <exception cref="InvalidDataException">The message must not come now.</exception>
    public void Receive(string? @ref, string name, string @event, JsonElement payload)
    {
        switch (@event)
        {
            case "change":
                Get(name[Prefix.Length..]).Apply(payload);
                break;
            case "phx_reply" when _pending.Remove(@ref!, out var message):
                Receive(message, payload);
                break;
            // After a leave, or after a second join, which closes the channel of the first.
            case "phx_close" when Get(name[Prefix.Length..]) is var topic && (!topic.IsJoined || topic.JoinRef != @ref):
                break;
            default:
                throw new InvalidDataException($"{@event} {@ref} {payload}");
        }
    }

    /// <summary>The last messages on a topic.</summary>
    public string Story(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) ? Get(name[Prefix.Length..]).Story : "";

    /// <summary>The fault at a quiet moment; <c>null</c> without one.</summary>
    public string? Mismatch(QuietMoment quiet) => !IsAnswered
        ? $"not answered: {string.Join(", ", _pending.Values.Select(it => $"{it.Event} {it.Topic?.Collection}"))}"
        : _topics.Values
            .Select(topic => topic.Mismatch(quiet) is { } wrong ? $"{wrong}; the last messages: {topic.Story}" : null)
            .FirstOrDefault(wrong => wrong is not null);

    /// <inheritdoc cref="ScreenTopic.Settle"/>
    public void Settle(QuietMoment quiet, bool isRemembered) =>
        _topics.Values.ToList().ForEach(topic => topic.Settle(quiet, isRemembered));

    private ScreenMessage Ask(
        string @event, ScreenTopic? topic, string payload = "{}", JoinRequest? request = null)
    {
        var @ref = $"{++_lastRef}";
        var joinRef = @event == "phx_join" ? topic!.SentJoinRef = @ref : topic?.SentJoinRef;
        return _pending[@ref] = new ScreenMessage(joinRef, @ref, topic, @event, payload, request);
    }

    private void Receive(ScreenMessage message, JsonElement reply)
    {
        var (_, @ref, topic, @event, _, request) = message;
        var (isOk, response) = (reply.GetProperty("status").GetString() == "ok", reply.GetProperty("response"));
        switch (@event)
        {
            case "phx_join" when request is not null && isOk:
                tally.Count(response.TryGetProperty("recovered", out var recovered)
                    ? $"joins since {request.Since}, recovered: {recovered}"
                    : request.View.IsFiltered ? "joins with a filter" : "joins");
                topic!.Apply(request, @ref, response);
                break;
            case "phx_join" when request is null && !isOk:
                tally.Count("joins refused");
                topic!.End("refused");
                break;
            case "phx_leave" when isOk:
                topic!.End("left");
                break;
            case "reload" when isOk:
                tally.Count("reloads");
                topic!.Apply(request!, null, response);
                break;
            case "heartbeat" when isOk:
                break;
            default:
                throw new InvalidDataException($"{@event} was answered with {reply}");
        }
    }
}
