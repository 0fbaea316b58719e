using System.Text.Json;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>A screen's topics: its reader changes them, the screen and the test look at them and wait.</summary>
/// <param name="name">The screen's name in a failure.</param>
/// <param name="tally">Counts what was exercised.</param>
/// <param name="faults">Collects what must not happen.</param>
/// <param name="patience">
/// How long a wait may last without any change. It is long: the machine may be busy.
/// </param>
internal sealed class WatchedTopics(string name, Tally tally, Faults faults, TimeSpan patience)
{
    // Guards _topics and _changed: the reader writes them, the screen and the test read them.
    private readonly Lock _lock = new();
    private readonly ScreenTopics _topics = new(tally);
    private TaskCompletionSource? _changed;

    /// <summary>Reads the topics, or notes a message that is about to be sent.</summary>
    public T Use<T>(Func<ScreenTopics, T> read)
    {
        lock (_lock)
        {
            return read(_topics);
        }
    }

    /// <summary>Changes the topics and wakes those that wait.</summary>
    public T Change<T>(Func<ScreenTopics, T> change)
    {
        lock (_lock)
        {
            var result = change(_topics);
            _changed?.TrySetResult();
            _changed = null;
            return result;
        }
    }

    /// <summary>Applies a message from the server. One that must not come now is a fault.</summary>
    public void Receive(string? @ref, string topic, string @event, JsonElement payload) => Change(topics =>
    {
        try
        {
            topics.Receive(@ref, topic, @event, payload);
        }
        catch (Exception exception)
        {
            faults.Add($"{name}, {topic}: {exception.Message} ({exception.GetType().Name}); "
                + $"the last messages: {topics.Story(topic)}");
        }

        return true;
    });

    /// <summary>Waits until there is no mismatch.</summary>
    /// <param name="mismatch">The remaining fault; <c>null</c> without one.</param>
    /// <param name="afterChange">Runs after each change that leaves a mismatch; <c>null</c>: nothing.</param>
    public async Task UntilAsync(Func<ScreenTopics, string?> mismatch, Func<Task>? afterChange = null)
    {
        while (true)
        {
            var (wrong, changed) = Use(topics => (mismatch(topics), Changed()));
            if (wrong is null)
            {
                return;
            }

            Assert.True(await Task.WhenAny(changed, Task.Delay(patience)) == changed, $"{name} {wrong}");
            await (afterChange?.Invoke() ?? Task.CompletedTask);
        }
    }

    private Task Changed() => (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
