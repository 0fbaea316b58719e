using System.Text.Json.Nodes;
using Kaffediem.Protocol;

namespace Kaffediem.CompatServer;

/// <summary>One client of the tests. Of its params, <c>id</c> names it and <c>deny</c> refuses it.</summary>
internal sealed class CompatSocket : PhoenixSocket
{
    private static readonly ChannelRoutes Routes = new ChannelRoutes()
        .Channel<RoomChannel>("room:*")
        .Channel<PresenceChannel>("presence:*");

    private string? _id;

    /// <summary>The token and transport that the client connected with.</summary>
    public ConnectInfo? ConnectInfo { get; private set; }

    protected override string? Id => _id;

    protected override ChannelRoutes Channels => Routes;

    protected override Task<ConnectResult> ConnectAsync(
        JsonObject @params, ConnectInfo connectInfo, CancellationToken cancellationToken)
    {
        _id = (string?)@params["id"];
        ConnectInfo = connectInfo;
        return Task.FromResult(@params.ContainsKey("deny") ? ConnectResult.Refuse() : ConnectResult.Ok());
    }
}
