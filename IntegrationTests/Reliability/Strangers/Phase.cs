namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>What happens to the shop at a time.</summary>
internal enum Phase
{
    /// <summary>What is compiled and allocated once is so before anything is measured.</summary>
    Warming,

    Quiet,
    Attacked,

    /// <summary>The attackers have gone.</summary>
    After,
}
