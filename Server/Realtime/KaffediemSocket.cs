using Kaffediem.Protocol;

namespace Kaffediem.Server.Realtime;

/// <summary>A screen. Reading is open to all: the display and the menu are public (DESIGN, "Who may do what").</summary>
internal sealed class KaffediemSocket : PhoenixSocket
{
    private static readonly ChannelRoutes Routes = new ChannelRoutes()
        .Channel<CollectionChannel>(CollectionTopic.Pattern);

    protected override ChannelRoutes Channels => Routes;
}
