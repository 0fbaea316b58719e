using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Kaffediem.Benchmarks.Linux;

namespace Kaffediem.Benchmarks.Load;

/// <summary>A non-blocking TCP connection to the server. Loopback only: it is a load.</summary>
internal sealed unsafe class LoadSocket : IDisposable
{
    // An address has 28,000 ports to connect from, and those of the runs before may still be in use.
    private const int ConnectionsPerAddress = 1000;

    // Linux: the port is chosen at connect, where it only has to be unique for both ends together (ip(7)).
    private const int BindAddressNoPort = 24; // IP_BIND_ADDRESS_NO_PORT

    // Kept so that it is not closed by its finalizer.
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private LoadSocket(int index)
    {
        Descriptor = (int)_socket.Handle;
        _socket.NoDelay = true;
        _socket.SetRawSocketOption((int)SocketOptionLevel.IP, BindAddressNoPort, BitConverter.GetBytes(1));
        _socket.Bind(new IPEndPoint(new IPAddress([127, 0, (byte)(1 + (index / ConnectionsPerAddress)), 1]), 0));
        _socket.Blocking = false;
    }

    public int Descriptor { get; }

    /// <summary>Begins to connect: writable is what it becomes then.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="index">Which of many this is, for its own address.</param>
    public static LoadSocket Connect(IPEndPoint server, int index)
    {
        var socket = new LoadSocket(index);
        var address = server.Serialize();
        fixed (byte* bytes = address.Buffer.Span)
        {
            // Not Socket.Connect: an exception for every connection that is on its way would be the better part of the
            // load.
            if (Libc.Connect(socket.Descriptor, bytes, address.Size) < 0 &&
                Marshal.GetLastPInvokeError() != Libc.ErrorInProgress)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            }
        }

        return socket;
    }

    /// <summary>
    /// The number of bytes received; 0 if the server has closed the connection, <c>null</c> if none are waiting.
    /// </summary>
    public int? Receive(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            var count = (int)Libc.Receive(Descriptor, bytes, buffer.Length, flags: 0);
            return count >= 0 ? count
                : Marshal.GetLastPInvokeError() == Libc.ErrorAgain ? null
                : 0;
        }
    }

    /// <summary>
    /// Sends all of it. What clients say is short, so that waiting for room is a rare turn of the loop.
    /// </summary>
    /// <returns><c>false</c> when the server has ended the connection.</returns>
    public bool Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint sent;
            fixed (byte* start = bytes)
            {
                sent = Libc.Send(Descriptor, start, bytes.Length, flags: 0);
            }

            if (sent < 0 && Marshal.GetLastPInvokeError() != Libc.ErrorAgain)
            {
                return false;
            }

            bytes = bytes[(int)Math.Max(0, sent)..];
        }

        return true;
    }

    public void Dispose() => _socket.Dispose();
}
