using System.Net.Sockets;

namespace Kaffediem.Protocol;

/// <summary>
/// What the kernel takes of a connection's bytes before it sends them. Left to itself Linux takes megabytes for a
/// client, and tells that there is room again when a third of them is gone: a client with a slow line, which takes a
/// minute for them, would seem to read nothing.
/// </summary>
internal static class UnsentBytes
{
    private const int MaxBytes = 128 * 1024;

    // TCP_NOTSENT_LOWAT, tcp(7).
    private const int IpProtoTcp = 6;
    private const int TcpNotSentLowAt = 25;

    /// <summary>Bounds them, where the system can.</summary>
    /// <exception cref="SocketException">The client has gone.</exception>
    public static void Limit(Socket socket)
    {
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(IpProtoTcp, TcpNotSentLowAt, BitConverter.GetBytes(MaxBytes));
        }
    }
}
