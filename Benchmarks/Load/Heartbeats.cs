using Kaffediem.Benchmarks.Linux;

namespace Kaffediem.Benchmarks.Load;

/// <summary>Lets every subscriber send heartbeats, each after the reply to the one before.</summary>
internal sealed class Heartbeats(EventLoop loop, LoadPlan plan, List<Subscriber> subscribers) : IMessages
{
    private static readonly byte[] Frame = ClientFrame.Text("""[null,"5","phoenix","heartbeat",{}]""");

    private long _answered;

    public HeartbeatReport Run()
    {
        var cpu = ProcessUsage.CpuSeconds(plan.Pid);
        foreach (var subscriber in subscribers)
        {
            subscriber.Messages = this;
            subscriber.Send(Frame);
        }

        for (var end = Deadline.In(plan.HeartbeatSeconds); !end.HasPassed && loop.Ended == 0;)
        {
            loop.Turn(TimeSpan.FromMilliseconds(10));
        }

        if (loop.Ended > 0)
        {
            throw new InvalidOperationException("A connection ended while heartbeats were sent.");
        }

        cpu = ProcessUsage.CpuSeconds(plan.Pid) - cpu;
        return new HeartbeatReport(
            _answered, _answered / (double)plan.HeartbeatSeconds, cpu * 1e6 / Math.Max(1, _answered));
    }

    public void OnMessage(Subscriber subscriber, ReadOnlySpan<byte> message, long now)
    {
        _answered++;
        subscriber.Send(Frame);
    }
}
