using System.Diagnostics;
using Kaffediem.IntegrationTests.Shop;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>
/// One of the shop's people, who requests one service repeatedly, one request at a time, and measures the times. A
/// wrong answer is a fault.
/// </summary>
/// <param name="service">The service.</param>
/// <param name="pause">Between an answer and the next request.</param>
/// <param name="ask">Sends a request and asserts the answer.</param>
/// <param name="settle">Runs before the next request and is not measured.</param>
internal sealed class Bystander(Service service, TimeSpan pause, Func<Task> ask, Func<Task> settle)
{
    public async Task RunAsync(Func<Phase> phase, ServiceTimes times, Faults faults, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var (asked, time) = (phase(), Stopwatch.StartNew());
            try
            {
                await ask();
                times.Add(service, asked, time.Elapsed);
                await settle();
            }
            catch (Exception exception)
            {
                faults.Add($"{service}, {asked}, after {time.Elapsed.TotalSeconds:F1} s: {exception.Message}");
                return;
            }

            await Task.WhenAny(Task.Delay(pause, stop));
        }
    }
}
