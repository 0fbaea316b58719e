using System.Diagnostics;
using System.Net;
using Kaffediem.Benchmarks.Linux;

namespace Kaffediem.Benchmarks.Load;

/// <summary>Opens all connections at once and waits until all have joined.</summary>
internal sealed class Joining(EventLoop loop, LoadPlan plan, IPEndPoint server)
{
    // The kernel repeats a SYN after a second if the backlog was full.
    private static readonly long SynRetry = Stopwatch.Frequency;

    // The number of connects between two turns of the event loop: about as many as arrive while one reply is read.
    private const int ConnectsPerTurn = 64;

    public List<Subscriber> Subscribers { get; } = [];

    public JoinReport Run()
    {
        var cpu = ProcessUsage.CpuSeconds(plan.Pid);
        var dialect = Dialect.Named(plan.Dialect, plan.Topic, plan.JoinOptions);
        for (var i = 0; i < plan.Subscribers; i++)
        {
            Subscribers.Add(new Subscriber(loop, dialect, server, i));
            if (i % ConnectsPerTurn == ConnectsPerTurn - 1)
            {
                loop.Turn(TimeSpan.Zero);
            }
        }

        var deadline = Deadline.In(plan.TimeoutSeconds);
        for (var done = 0; done < Subscribers.Count && !deadline.HasPassed;)
        {
            loop.Turn(TimeSpan.FromMilliseconds(10));
            while (done < Subscribers.Count && !IsPending(Subscribers[done]))
            {
                done++;
            }
        }

        return Report(ProcessUsage.CpuSeconds(plan.Pid) - cpu);
    }

    private static bool IsPending(Subscriber subscriber) =>
        subscriber.State is not (SubscriberState.Joined or SubscriberState.Failed);

    private JoinReport Report(double serverCpuSeconds)
    {
        var joined = Subscribers.FindAll(subscriber => subscriber.State == SubscriberState.Joined);
        var connects = Subscribers.FindAll(subscriber => subscriber.ConnectedAt > 0)
            .ConvertAll(subscriber => subscriber.ConnectedAt - subscriber.StartedAt);
        var seconds = joined.Count == 0
            ? 0
            : Stopwatch.GetElapsedTime(
                Subscribers[0].StartedAt, joined.Max(subscriber => subscriber.JoinedAt)).TotalSeconds;
        return new JoinReport(
            Subscribers.Count,
            joined.Count,
            Subscribers.Find(subscriber => subscriber.Failure is not null)?.Failure
                ?? (joined.Count < Subscribers.Count ? "not answered in time" : null),
            Math.Round(seconds, 3),
            Milliseconds.Of(connects),
            Milliseconds.Of(joined.Select(subscriber => subscriber.JoinedAt - subscriber.StartedAt)),
            connects.Count(ticks => ticks >= SynRetry),
            serverCpuSeconds);
    }
}
