using System.Net;

namespace Kaffediem.Protocol;

/// <summary>A client that was let in.</summary>
/// <param name="Socket">The application's socket.</param>
/// <param name="Id">The socket's id, if it has one.</param>
/// <param name="Routes">The socket's channels.</param>
/// <param name="Serializer">The client's version of the protocol.</param>
/// <param name="Address">The client's address; <c>null</c> where there is no network address.</param>
/// <param name="User">The signed-in user (<see cref="ClientUser"/>); <c>null</c> for a stranger.</param>
internal sealed record Connected(
    PhoenixSocket Socket, string? Id, ChannelRoutes Routes, ISerializer Serializer, IPAddress? Address, string? User);
