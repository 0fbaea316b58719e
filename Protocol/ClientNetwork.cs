using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Kaffediem.Protocol;

/// <summary>The network that a client is counted under where something is limited per address.</summary>
internal static class ClientNetwork
{
    /// <summary>
    /// The address itself for IPv4, also where it is mapped into IPv6. For IPv6 its /64, because a client with one
    /// address of a /64 usually has all of them.
    /// </summary>
    /// <param name="address">
    /// The client's address; <c>null</c> where it has none, for example over a Unix socket.
    /// </param>
    /// <returns><c>null</c> only for no address.</returns>
    [return: NotNullIfNotNull(nameof(address))]
    public static IPAddress? Of(IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true })
        {
            return address.MapToIPv4();
        }

        if (address?.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
