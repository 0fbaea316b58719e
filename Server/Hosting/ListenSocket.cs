using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// Binds the sockets that the server listens on: after a killed server on a Unix socket, and with an error that names the
/// address, which the operating system's does not.
/// </summary>
internal static class ListenSocket
{
    // ENXIO, on Linux: open(2) fails so on a socket, and on nothing else that has a name in a folder of one's own.
    private const int IsSocketError = 6;

    /// <summary>What Kestrel binds its sockets with.</summary>
    /// <exception cref="StartException">The operating system refuses. A taken port Kestrel reports itself.</exception>
    public static Socket Bind(EndPoint endPoint)
    {
        if (endPoint is UnixDomainSocketEndPoint unix)
        {
            MakeWay(unix);
        }

        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode != SocketError.AddressAlreadyInUse)
        {
            throw new StartException(Describe(endPoint, exception), exception);
        }
    }

    private static string Describe(EndPoint endPoint, SocketException exception) => (endPoint, exception.SocketErrorCode) switch
    {
        (IPEndPoint { Port: < 1024 }, SocketError.AccessDenied) =>
            $"This user may not listen on {endPoint}: a port below 1024 needs root or the right CAP_NET_BIND_SERVICE. "
            + "Set another port (urls, PORT), behind a reverse proxy if need be.",
        (IPEndPoint address, SocketError.AddressNotAvailable) =>
            $"The server cannot listen on {endPoint}: {address.Address} is not an address of this machine (urls).",
        (UnixDomainSocketEndPoint, _) =>
            $"The socket {endPoint} cannot be created: does its folder exist, and may this user write to it? (urls)",
        _ => $"The server cannot listen on {endPoint}: {exception.Message} (urls).",
    };

    // A server that is killed leaves the socket's file behind, and the system refuses to bind another in its place.
    private static void MakeWay(UnixDomainSocketEndPoint endPoint)
    {
        var file = new FileInfo(endPoint.ToString());
        if (!file.Exists)
        {
            return;
        }

        if (file.LinkTarget is not null || !IsSocket(file))
        {
            throw new StartException($"{file} exists and is not a socket, so the server does not replace it (urls).");
        }

        switch (TryConnect(endPoint))
        {
            case SocketError.ConnectionRefused:
                file.Delete();
                break;
            case SocketError.Success or SocketError.WouldBlock:
                throw new StartException($"Another process listens on the socket {file} (urls).");
        }
    }

    private static bool IsSocket(FileInfo file)
    {
        try
        {
            // To write as well, for reading alone would wait at a named pipe until somebody writes to it.
            using var stream = file.Open(FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (IOException exception)
        {
            return exception.HResult == IsSocketError;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static SocketError TryConnect(UnixDomainSocketEndPoint endPoint)
    {
        // Without blocking: a server that is alive but hangs may have no room left for another connection.
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(endPoint);
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }
}
