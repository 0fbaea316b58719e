namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>How a client talks: the version of its messages, and the transport that carries them.</summary>
public enum Wire
{
    V1WebSocket,
    V1LongPoll,
    V2WebSocket,
    V2LongPoll,
}

internal static class WireExtensions
{
    extension(Wire wire)
    {
        public int Version => wire is Wire.V1WebSocket or Wire.V1LongPoll ? 1 : 2;

        public bool IsLongPoll => wire is Wire.V1LongPoll or Wire.V2LongPoll;
    }
}
