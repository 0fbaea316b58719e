using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// Binds the sockets that the server listens on. An error names the address, which the operating system's does not. A
/// Unix socket that a killed server left behind is replaced.
/// </summary>
internal static class ListenSocket
{
    // Linux, open(2): ENXIO is the error for a Unix socket, and for device files without a device.
    private const int NoSuchDeviceOrAddress = 6;

    /// <summary>Has Kestrel bind its sockets here.</summary>
    public static void Configure(SocketTransportOptions sockets)
    {
        // With the default of 512, some of a thousand reconnecting clients repeat their SYN a second later.
        sockets.Backlog = 8192;
        sockets.CreateBoundListenSocket = Bind;
    }

    // Kestrel itself reports a port that is in use, and does so well.
    private static Socket Bind(EndPoint endPoint)
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

    private static string Describe(EndPoint endPoint, SocketException exception) =>
        (endPoint, exception.SocketErrorCode) switch
        {
            (IPEndPoint { Port: < 1024 }, SocketError.AccessDenied) =>
                $"This user may not listen on {endPoint}: a port below 1024 needs root or CAP_NET_BIND_SERVICE. "
                + "Set another port (urls, PORT), behind a reverse proxy if need be.",
            (IPEndPoint address, SocketError.AddressNotAvailable) =>
                $"The server cannot listen on {endPoint}: {address.Address} is not an address of this machine (urls).",
            (UnixDomainSocketEndPoint, _) =>
                $"The socket {endPoint} cannot be created: does its folder exist, may this user write there? (urls)",
            _ => $"The server cannot listen on {endPoint}: {exception.Message} (urls).",
        };

    // A killed server leaves the socket's file behind, and bind(2) refuses a path that exists.
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
            // Opening a named pipe only for reading would block until somebody writes to it.
            using var stream = file.Open(FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (IOException exception)
        {
            return exception.HResult == NoSuchDeviceOrAddress;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static SocketError TryConnect(UnixDomainSocketEndPoint endPoint)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        // A blocking attempt would hang while the backlog of the other process is full.
        socket.Blocking = false;
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
