namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>Carries a client's messages.</summary>
internal interface IClientTransport : IDisposable
{
    /// <summary>Sends messages, as many at once as the transport allows.</summary>
    Task SendTextAsync(params IReadOnlyList<string> texts);

    Task<string> ReadTextAsync();

    /// <summary>Reads to the end, which must be the one that has this close code over WebSocket.</summary>
    Task AssertEndAsync(int closeCode);
}
