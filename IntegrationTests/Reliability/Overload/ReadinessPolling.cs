using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Overload;

/// <summary>Asks <c>/health/ready</c> as a load balancer does: there is no other sign of what it tells.</summary>
internal static class ReadinessPolling
{
    /// <summary>Waits until the answer is as it is to be.</summary>
    public static async Task UntilReadinessAsync(this RestClient client, Func<RestAnswer, bool> isWanted)
    {
        while (!isWanted(await client.GetAsync("/health/ready")))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
