using System.Security.Claims;
using System.Text.Json.Nodes;
using Kaffediem.Protocol;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Identity;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// A client's connection. Reading is open to all: the display and the menu are public (docs/channels.md,
/// "Access"). A user who is signed in when it connects may also join <c>presence:staff</c>
/// (<see cref="PresenceOptions"/>).
/// </summary>
internal sealed class KaffediemSocket(ImageUrls imageUrls, ImageHosts imageHosts, SignedInSockets signedIn)
    : PhoenixSocket, IDisposable
{
    private static readonly ChannelRoutes Routes = new ChannelRoutes()
        .Channel<CollectionChannel>(CollectionTopic.Pattern)
        .Channel<StaffChannel>(StaffChannel.StaffTopic);

    private IDisposable? _watchedSession;
    private ImageBase? _imageBase;
    private string? _id;

    /// <summary>The user's id; <c>null</c> when nobody is signed in.</summary>
    public string? UserId { get; private set; }

    /// <summary>Whether the user is an administrator.</summary>
    public bool IsAdministrator { get; private set; }

    /// <summary>The user's name.</summary>
    public string UserName { get; private set; } = "";

    /// <summary>The client whose budgets its long reads use.</summary>
    public Asker Asker { get; private set; }

    /// <summary>The beginning of the images' addresses for this client.</summary>
    public string BaseUrl => _imageBase?.BaseUrl ?? "";

    public void Dispose()
    {
        _watchedSession?.Dispose();
        _imageBase?.Dispose();
    }

    protected override ChannelRoutes Channels => Routes;

    protected override string? Id => _id;

    protected override Task<ConnectResult> ConnectAsync(
        JsonObject @params, ConnectInfo connectInfo, CancellationToken cancellationToken)
    {
        UserId = connectInfo.User.FindFirstValue(ClaimTypes.NameIdentifier);
        IsAdministrator = connectInfo.User.IsAdministrator();
        UserName = connectInfo.User.UserName();
        Asker = Asker.Of(connectInfo.User, connectInfo.Peer?.Address);
        _imageBase = imageHosts.Hold(imageUrls.BaseOf(connectInfo.Uri), connectInfo.Peer?.Address, IsAdministrator);
        if (connectInfo.User.SessionTokenHash() is { } tokenHash)
        {
            _id = SignedInSockets.SocketId(tokenHash);
            _watchedSession = signedIn.Watch(tokenHash);
        }

        return Task.FromResult(ConnectResult.Ok());
    }
}
