using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Processes;
using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>10,000 clients that reconnect at once and load the 200 orders of today.</summary>
internal sealed class JoinStorm : IScenario
{
    private const string What = "10,000 connections join at once, 200 orders today";
    private const int Connections = 10_000;

    public string Name => "storm";

    public async Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        using var server = await bench.StartKaffediemAsync();
        await bench.LoadAsync(Name, server, "--Subscribers=0", "--Posts=200", "--Posters=1");
        using var signalR = await MeasuredServer.StartPeerAsync("signalr");
        var rounds = await Interleaved.MeasureAsync(
            bench, Name, [server, signalR], async one => (await LoadAsync(bench, one)).Joining);
        var own = rounds[MeasuredServer.Kaffediem];
        return
        [
            new Result
            {
                What = $"{What}: time until all have joined",
                Unit = "s",
                Figure = Median.Of(own, round => round.Seconds),
                Target = Target.AtMost(4),
            },
            new Result
            {
                What = $"{What}: SignalR, joining a group without a snapshot",
                Unit = "s",
                Figure = Median.Of(rounds["signalr"], round => round.Seconds),
            },
            new Result
            {
                What = $"{What}: failures and SYN retries",
                Unit = "",
                Figure = own.Sum(round => round.Subscribers - round.Joined + round.SlowConnects),
                Target = Target.AtMost(0),
            },
        ];
    }

    private Task<LoadReport> LoadAsync(Bench bench, MeasuredServer server) =>
        bench.LoadAsync(Name, server, $"--Subscribers={Connections}", """--JoinOptions={"from_date":"today"}""");
}
