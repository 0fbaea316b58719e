using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Overload;

/// <summary>Polls <c>/health/ready</c> like a load balancer: no event reports it.</summary>
internal static class ReadinessPolling
{
    /// <summary>Waits until the answer is as expected.</summary>
    public static Task UntilReadinessAsync(this RestClient client, Func<RestAnswer, bool> isWanted) =>
        Polling.UntilAsync(async () => isWanted(await client.GetAsync("/health/ready")));
}
