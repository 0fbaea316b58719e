using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.Logs;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// What a screen knows of its topics, and what it waits for. Not thread-safe: <see cref="ShopScreen"/> has the lock.
/// </summary>
internal sealed class ScreenTopics(Tally tally)
{
    private const string Prefix = "collection:";

    private readonly Dictionary<string, ScreenTopic> _topics = [];
    private readonly Dictionary<string, Question> _pending = [];
    private int _lastRef;

    /// <summary>Whether everything is answered.</summary>
    public bool IsAnswered => _pending.Count == 0;

    /// <summary>Those that are to be joined again.</summary>
    public IReadOnlyList<ScreenTopic> Wanted => [.. _topics.Values.Where(topic => topic.Wanted is not null)];

    /// <summary>Takes what it was told on all topics.</summary>
    public IReadOnlyList<ReceivedRange> TakeTold() => [.. _topics.Values.SelectMany(topic => topic.TakeTold())];

    /// <summary>A topic, as far as it is known.</summary>
    public ScreenTopic Get(string collection) => _topics.TryGetValue(collection, out var topic)
        ? topic
        : _topics[collection] = new ScreenTopic(collection, tally);

    /// <summary>Notes that something is about to be sent.</summary>
    /// <returns>The refs to send it with.</returns>
    public (string? JoinRef, string Ref) Ask(string @event, ScreenTopic? topic, JoinRequest? asked)
    {
        var @ref = $"{++_lastRef}";
        var joinRef = @event == "phx_join" ? topic!.SentJoinRef = @ref : topic?.SentJoinRef;
        _pending[@ref] = new Question(@event, topic, asked);
        return (joinRef, @ref);
    }

    /// <summary>The connection is gone: nothing more is answered.</summary>
    public void Disconnect()
    {
        _pending.Clear();
        _topics.Values.ToList().ForEach(topic => topic.End("disconnected"));
    }

    /// <summary>Takes a message; throws if it is none that may come now.</summary>
    public void Receive(string? @ref, string name, string @event, JsonElement payload)
    {
        switch (@event)
        {
            case "change":
                Get(name[Prefix.Length..]).Take(payload);
                break;
            case "phx_reply" when _pending.Remove(@ref!, out var question):
                Receive(question, @ref!, payload);
                break;

            // After a leave, or a join of what was joined already: of the join before.
            case "phx_close" when Get(name[Prefix.Length..]) is var topic && (!topic.IsJoined || topic.JoinRef != @ref):
                break;
            default:
                throw new InvalidDataException($"{@event} {@ref} {payload}");
        }
    }

    /// <summary>What came last on a topic.</summary>
    public string Story(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) ? Get(name[Prefix.Length..]).Story : "";

    /// <summary>What is wrong at a quiet moment; <c>null</c> if nothing is.</summary>
    public string? Mismatch(QuietMoment quiet) => !IsAnswered
        ? $"not answered: {string.Join(", ", _pending.Values.Select(it => $"{it.Event} {it.Topic?.Collection}"))}"
        : _topics.Values
            .Select(topic => topic.Mismatch(quiet) is { } wrong ? $"{wrong}; what came last: {topic.Story}" : null)
            .FirstOrDefault(wrong => wrong is not null);

    /// <inheritdoc cref="ScreenTopic.Settle"/>
    public void Settle(QuietMoment quiet, bool isRemembered) =>
        _topics.Values.ToList().ForEach(topic => topic.Settle(quiet, isRemembered));

    private void Receive(Question question, string @ref, JsonElement reply)
    {
        var (@event, topic, asked) = question;
        var (isOk, response) = (reply.GetProperty("status").GetString() == "ok", reply.GetProperty("response"));
        switch (@event)
        {
            case "phx_join" when asked is not null && isOk:
                tally.Count(response.TryGetProperty("recovered", out var recovered)
                    ? $"joins since {asked.Since}, recovered: {recovered}"
                    : asked.View.IsFiltered ? "joins with a filter" : "joins");
                topic!.Take(asked, @ref, response);
                break;
            case "phx_join" when asked is null && !isOk:
                tally.Count("joins refused");
                topic!.End("refused");
                break;
            case "phx_leave" when isOk:
                topic!.End("left");
                break;
            case "reload" when isOk:
                tally.Count("reloads");
                topic!.Take(asked!, null, response);
                break;
            case "heartbeat" when isOk:
                break;
            default:
                throw new InvalidDataException($"{@event} was answered with {reply}");
        }
    }

    /// <summary>What was sent.</summary>
    /// <param name="Event">Its event.</param>
    /// <param name="Topic">Where to; <c>null</c> for a heartbeat.</param>
    /// <param name="Asked">What is wanted of a join or a reload; <c>null</c> for a join that makes no sense.</param>
    private sealed record Question(string Event, ScreenTopic? Topic, JoinRequest? Asked);
}
