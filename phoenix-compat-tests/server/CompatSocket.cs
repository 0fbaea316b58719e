using Kaffediem.Protocol;

namespace Kaffediem.CompatServer;

/// <summary>One client of the tests.</summary>
internal sealed class CompatSocket : PhoenixSocket
{
    private static readonly ChannelRoutes Routes = new ChannelRoutes()
        .Channel<RoomChannel>("room:*");

    protected override ChannelRoutes Channels => Routes;
}
