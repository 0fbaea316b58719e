using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Overload;

/// <summary>Asks <c>/health/ready</c> as a load balancer does: nothing else shows it.</summary>
internal static class ReadinessPolling
{
    /// <summary>Waits until the answer is as it is to be.</summary>
    public static Task UntilReadinessAsync(this RestClient client, Func<RestAnswer, bool> isWanted) =>
        Polling.UntilAsync(async () => isWanted(await client.GetAsync("/health/ready")));
}
