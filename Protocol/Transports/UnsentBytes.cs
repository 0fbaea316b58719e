using System.Net.Sockets;

namespace Kaffediem.Protocol;

/// <summary>
/// Bounds the bytes of a connection that the kernel accepts before it sends them. By default Linux accepts megabytes,
/// and reports room again only when a third of them is sent: a client with a slow line, which needs a minute for that,
/// would seem to read nothing.
/// </summary>
internal static class UnsentBytes
{
    private const int MaxBytes = 128 * 1024;

    // TCP_NOTSENT_LOWAT, tcp(7).
    private const int IpProtoTcp = 6;
    private const int TcpNotSentLowAt = 25;

    /// <summary>Sets the bound, where the system supports it.</summary>
    /// <exception cref="SocketException">The client has gone.</exception>
    public static void Limit(Socket socket)
    {
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(IpProtoTcp, TcpNotSentLowAt, BitConverter.GetBytes(MaxBytes));
        }
    }
}
