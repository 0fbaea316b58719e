using System.Text.Json;
using Kaffediem.IntegrationTests.Realtime.Property;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>
/// What a guest's page shows. <see cref="ScreenTopics"/> finds what is told twice, out of order, or cannot follow; what
/// is missing is found later, by <see cref="ToldCheck"/>.
/// </summary>
internal sealed class GuestScreen(string name, Tally tally, Faults faults)
{
    // Only what is hopeless fails: the machine may be busy.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // Guards _topics and _changed: the reader writes them, and the guest and the test look at them.
    private readonly Lock _lock = new();
    private readonly ScreenTopics _topics = new(tally);
    private TaskCompletionSource? _changed;

    /// <summary>Notes that a topic is about to be joined.</summary>
    /// <returns>What to send.</returns>
    public Message Join(ScreenView view, Since since) => Locked(() =>
    {
        var topic = _topics.Get(view.Collection);
        topic.Wanted = view;
        var asked = topic.Ask(view, since, pick: 0);
        return Ask("phx_join", topic, asked, asked.Payload);
    });

    /// <summary>Notes that something is about to be asked for on a topic that is joined.</summary>
    public Message Ask(string @event, ScreenView view) => Locked(() => Ask(
        @event, _topics.Get(view.Collection), @event == "reload" ? new Asked(view, Since.Nothing, null) : null, "{}"));

    /// <summary>Notes a join that makes no sense.</summary>
    public Message JoinBadly() => Locked(() => Ask("phx_join", _topics.Get("item"), null, """["today"]"""));

    /// <summary>Notes a heartbeat.</summary>
    public Message Beat() => Locked(() => Ask("heartbeat", null, null, "{}"));

    /// <summary>Takes what has come.</summary>
    public void Receive(string? @ref, string topic, string @event, JsonElement payload) => Locked(() =>
    {
        try
        {
            _topics.Receive(@ref, topic, @event, payload);
        }
        catch (Exception exception)
        {
            faults.Add($"{name}, {topic}: {exception.Message}; what came last: {_topics.Story(topic)}");
        }

        Change();
        return true;
    });

    /// <summary>The connection is gone.</summary>
    /// <returns>What it was told.</returns>
    public IReadOnlyList<Told> Disconnect() => Locked(() =>
    {
        _topics.Disconnect();
        Change();
        return _topics.TakeTold();
    });

    /// <summary>Waits until a topic is no longer joined, or the reader has ended.</summary>
    public async Task LeaveAsync(ScreenView view, Task reading) => await await Task.WhenAny(reading, UntilAsync(
        topics => topics.Get(view.Collection).IsJoined ? $"has not left {view}" : null));

    /// <summary>Waits until it has joined what it wants, and shows what it is to.</summary>
    /// <param name="difference">How records differ from what is to be shown; <c>null</c> if they do not.</param>
    public Task ShowAsync(Func<ScreenState, string?> difference) => UntilAsync(topics => topics.Wanted
        .Select(topic => !topic.IsJoined
            ? $"has not joined {topic.Wanted}"
            : difference(topic.State!) is { } wrong ? $"{topic.Wanted}: {wrong}" : null)
        .FirstOrDefault(wrong => wrong is not null));

    private async Task UntilAsync(Func<ScreenTopics, string?> mismatch)
    {
        while (true)
        {
            var (wrong, changed) = Locked(() => (mismatch(_topics), Changed()));
            if (wrong is null)
            {
                return;
            }

            Assert.True(await Task.WhenAny(changed, Task.Delay(Patience)) == changed, $"{name} {wrong}");
        }
    }

    private Message Ask(string @event, ScreenTopic? topic, Asked? asked, string payload)
    {
        var (joinRef, @ref) = _topics.Ask(@event, topic, asked);
        return new Message(joinRef, @ref, topic is null ? "phoenix" : $"collection:{topic.Collection}", @event, payload);
    }

    private Task Changed() => (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Change()
    {
        _changed?.TrySetResult();
        _changed = null;
    }

    private T Locked<T>(Func<T> what)
    {
        lock (_lock)
        {
            return what();
        }
    }

    /// <summary>What is to be sent.</summary>
    internal sealed record Message(string? JoinRef, string Ref, string Topic, string Event, string Payload);
}
