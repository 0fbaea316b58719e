using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Kaffediem.Benchmarks.Linux;
using Microsoft.Extensions.Configuration;

namespace Kaffediem.Benchmarks.Load;

/// <summary>
/// The load client, a process of its own. It has one thread on epoll and allocates nothing per frame, to leave the
/// processor to the server. It prints one line, a <see cref="LoadReport"/>.
/// </summary>
internal static class LoadClient
{
    public static int Run(string[] args)
    {
        var plan = new ConfigurationBuilder().AddCommandLine(args).Build().Get<LoadPlan>()!;
        FileLimit.Require(plan.Subscribers + plan.Posters);
        Console.WriteLine(JsonSerializer.Serialize(Run(plan), LoadReport.Json));
        return 0;
    }

    private static LoadReport Run(LoadPlan plan)
    {
        var server = IPEndPoint.Parse(new Uri(plan.Url).Authority);
        var loop = new EventLoop();
        var memoryBeforeKB = ProcessUsage.ResidentKB(plan.Pid);
        var joining = new Joining(loop, plan, server);
        var report = new LoadReport { Joining = joining.Run() };
        Settle(loop, plan);
        if (plan.Posts > 0)
        {
            report = report with { Posting = new Posting(loop, plan, server, joining.Subscribers).Run() };
        }

        if (plan.HeartbeatSeconds > 0)
        {
            report = report with { Heartbeats = new Heartbeats(loop, plan, joining.Subscribers).Run() };
        }

        if (plan.Memory)
        {
            report = report with { Memory = Measure(plan, memoryBeforeKB) };
        }

        return report with { ClientCpuSeconds = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds };
    }

    private static MemoryReport Measure(LoadPlan plan, long beforeKB)
    {
        var joinedKB = ProcessUsage.ResidentKB(plan.Pid);
        FullCollection.Run(plan.Pid);
        return new MemoryReport(beforeKB, joinedKB, ProcessUsage.ResidentKB(plan.Pid));
    }

    private static void Settle(EventLoop loop, LoadPlan plan)
    {
        for (var end = Deadline.In(plan.SettleMs / 1000.0); !end.HasPassed;)
        {
            loop.Turn(TimeSpan.FromMilliseconds(10));
        }
    }
}
