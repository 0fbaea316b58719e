using System.Text.Json;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>A screen's topics, which its reader changes, and which others ask and wait for.</summary>
/// <param name="name">What the screen is called in a failure.</param>
/// <param name="tally">Where to count.</param>
/// <param name="faults">Where to tell what must not be.</param>
/// <param name="patience">
/// How long nothing may come while somebody waits. Only what is hopeless fails: the machine may be busy.
/// </param>
internal sealed class WatchedTopics(string name, Tally tally, Faults faults, TimeSpan patience)
{
    // Guards _topics and _changed: the reader writes them, and the screen and the test look at them.
    private readonly Lock _lock = new();
    private readonly ScreenTopics _topics = new(tally);
    private TaskCompletionSource? _changed;

    /// <summary>Looks something up, or notes what is about to be asked.</summary>
    public T Use<T>(Func<ScreenTopics, T> what)
    {
        lock (_lock)
        {
            return what(_topics);
        }
    }

    /// <summary>Changes something; who waits looks again.</summary>
    public T Change<T>(Func<ScreenTopics, T> what)
    {
        lock (_lock)
        {
            var result = what(_topics);
            _changed?.TrySetResult();
            _changed = null;
            return result;
        }
    }

    /// <summary>Takes what has come. It is a fault if it is none that may come now.</summary>
    public void Receive(string? @ref, string topic, string @event, JsonElement payload) => Change(topics =>
    {
        try
        {
            topics.Receive(@ref, topic, @event, payload);
        }
        catch (Exception exception)
        {
            faults.Add($"{name}, {topic}: {exception.Message}; what came last: {topics.Story(topic)}");
        }

        return true;
    });

    /// <summary>Waits until there is no mismatch any more.</summary>
    /// <param name="mismatch">What is not yet as it is to be.</param>
    public async Task UntilAsync(Func<ScreenTopics, string?> mismatch)
    {
        while (true)
        {
            var (wrong, changed) = Use(topics => (mismatch(topics), Changed()));
            if (wrong is null)
            {
                return;
            }

            Assert.True(await Task.WhenAny(changed, Task.Delay(patience)) == changed, $"{name} {wrong}");
        }
    }

    private Task Changed() => (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
