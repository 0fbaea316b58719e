using System.Net;
using System.Security.Claims;
using Kaffediem.Persistence;
using Kaffediem.Protocol;
using Kaffediem.Server.Identity;

namespace Kaffediem.Server.Admission;

/// <summary>
/// The client that a read is for: a signed-in user, or the address of a client that is not signed in.
/// </summary>
/// <param name="Key">The user's id, or the network (<see cref="ClientNetwork"/>).</param>
/// <param name="IsUser">Whether it is a signed-in user.</param>
internal readonly record struct Asker(object Key, bool IsUser)
{
    // A client on a Unix socket has no address. All of them count as one.
    private static readonly object NoAddress = "local";

    /// <summary>The lane of this asker's long reads.</summary>
    public ReadLane BulkLane => IsUser ? ReadLane.UserBulk : ReadLane.Bulk;

    /// <summary>The asker for a request or a connection.</summary>
    /// <param name="user">Its user (<see cref="Callers"/>).</param>
    /// <param name="address">The client's address; <c>null</c> over a Unix socket.</param>
    public static Asker Of(ClaimsPrincipal user, IPAddress? address) =>
        user.UserId() is { } id ? OfUser(id) : OfStranger(address);

    public static Asker OfUser(long id) => new(id, IsUser: true);

    public static Asker OfStranger(IPAddress? address) =>
        new(ClientNetwork.Of(address) ?? NoAddress, IsUser: false);

    public override string ToString() => IsUser ? $"user {Key}" : $"{Key}";
}
