using System.Net;
using Kaffediem.Persistence;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Admission;

/// <summary>
/// The client that a read is for: a signed-in user, or the address of somebody who has proved nothing.
/// </summary>
/// <param name="Key">The user's id, or the network (<see cref="ClientNetwork"/>).</param>
/// <param name="IsUser">Whether it is a signed-in user.</param>
internal readonly record struct Asker(object Key, bool IsUser)
{
    // A Unix socket has no address: its clients are one.
    private static readonly object NoAddress = "local";

    /// <summary>The lane of this asker's long reads.</summary>
    public ReadLane BulkLane => IsUser ? ReadLane.UserBulk : ReadLane.Bulk;

    public static Asker OfUser(long id) => new(id, IsUser: true);

    public static Asker OfStranger(IPAddress? address) =>
        new(ClientNetwork.Of(address) ?? NoAddress, IsUser: false);

    public override string ToString() => IsUser ? $"user {Key}" : $"{Key}";
}
