using System.Net;

namespace Kaffediem.Protocol;

/// <summary>A client that was let in.</summary>
/// <param name="Socket">The application's socket.</param>
/// <param name="Id">Its name.</param>
/// <param name="Routes">Its channels.</param>
/// <param name="Serializer">Its version of the protocol.</param>
/// <param name="Address">Where it comes from; <c>null</c> where there is no network address.</param>
/// <param name="User">The signed-in user (<see cref="ClientUser"/>); <c>null</c> for a stranger.</param>
internal sealed record Connected(
    PhoenixSocket Socket, string? Id, ChannelRoutes Routes, ISerializer Serializer, IPAddress? Address, string? User);
