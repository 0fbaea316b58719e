using System.Text.Json;
using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>
/// What a guest's page shows. <see cref="ScreenTopics"/> finds what is told twice, out of order, or cannot follow; what
/// is missing is found later, by <see cref="DeliveryCheck"/>.
/// </summary>
internal sealed class GuestScreen(string name, Tally tally, Faults faults)
{
    private readonly WatchedTopics _watched = new(name, tally, faults, patience: TimeSpan.FromSeconds(90));

    /// <summary>Notes that a topic is about to be joined.</summary>
    /// <returns>What to send.</returns>
    public Message Join(ScreenView view, ResumeFrom since) => _watched.Use(topics =>
    {
        var topic = topics.Get(view.Collection);
        topic.Wanted = view;
        var asked = topic.Ask(view, since, pick: 0);
        return Ask(topics, "phx_join", topic, asked, asked.Payload);
    });

    /// <summary>Notes that something is about to be asked for on a topic that is joined.</summary>
    public Message Ask(string @event, ScreenView view) => _watched.Use(topics => Ask(
        topics,
        @event,
        topics.Get(view.Collection),
        @event == "reload" ? new JoinRequest(view, ResumeFrom.Nothing, null) : null,
        "{}"));

    /// <summary>Notes a join that makes no sense.</summary>
    public Message JoinBadly() =>
        _watched.Use(topics => Ask(topics, "phx_join", topics.Get("item"), null, """["today"]"""));

    /// <summary>Notes a heartbeat.</summary>
    public Message Beat() => _watched.Use(topics => Ask(topics, "heartbeat", null, null, "{}"));

    /// <summary>Takes what has come.</summary>
    public void Receive(string? @ref, string topic, string @event, JsonElement payload) =>
        _watched.Receive(@ref, topic, @event, payload);

    /// <summary>The connection is gone.</summary>
    /// <returns>What it was told.</returns>
    public IReadOnlyList<ReceivedRange> Disconnect() => _watched.Change(topics =>
    {
        topics.Disconnect();
        return topics.TakeTold();
    });

    /// <summary>Waits until a topic is no longer joined, or the reader has ended.</summary>
    public async Task LeaveAsync(ScreenView view, Task reading) =>
        await await Task.WhenAny(reading, _watched.UntilAsync(
        topics => topics.Get(view.Collection).IsJoined ? $"has not left {view}" : null));

    /// <summary>Waits until it has joined what it wants, and shows what it is to.</summary>
    /// <param name="difference">How records differ from what is to be shown; <c>null</c> if they do not.</param>
    public Task ShowAsync(Func<ScreenState, string?> difference) => _watched.UntilAsync(topics => topics.Wanted
        .Select(topic => !topic.IsJoined
            ? $"has not joined {topic.Wanted}"
            : difference(topic.State!) is { } wrong ? $"{topic.Wanted}: {wrong}" : null)
        .FirstOrDefault(wrong => wrong is not null));

    private static Message Ask(
        ScreenTopics topics, string @event, ScreenTopic? topic, JoinRequest? asked, string payload)
    {
        var (joinRef, @ref) = topics.Ask(@event, topic, asked);
        return new Message(
            joinRef, @ref, topic is null ? "phoenix" : $"collection:{topic.Collection}", @event, payload);
    }

    /// <summary>What is to be sent.</summary>
    internal sealed record Message(string? JoinRef, string Ref, string Topic, string Event, string Payload);
}
