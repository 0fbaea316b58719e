namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>What happens to the shop at a time.</summary>
internal enum Phase
{
    /// <summary>Before anything is measured: code is compiled, and buffers are allocated.</summary>
    Warming,

    Quiet,
    Attacked,

    /// <summary>The attackers have gone.</summary>
    After,
}
