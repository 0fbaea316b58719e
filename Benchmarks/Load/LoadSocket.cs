using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Kaffediem.Benchmarks.Linux;

namespace Kaffediem.Benchmarks.Load;

/// <summary>A non-blocking TCP connection to the server, over loopback only.</summary>
internal sealed unsafe class LoadSocket : IDisposable
{
    // An address has about 28,000 ports to connect from, and earlier runs may still occupy some.
    private const int ConnectionsPerAddress = 1000;

    // Linux chooses the port at connect, where only the pair of both ends has to be unique (ip(7)).
    private const int BindAddressNoPort = 24; // IP_BIND_ADDRESS_NO_PORT

    // Referenced so that its finalizer does not close it.
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

    /// <summary>Begins to connect. The socket becomes writable once it is connected.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="index">The number of this connection, which selects its local address.</param>
    public static LoadSocket Connect(IPEndPoint server, int index)
    {
        var socket = new LoadSocket(index);
        var address = server.Serialize();
        fixed (byte* bytes = address.Buffer.Span)
        {
            // Not Socket.Connect: it throws for every connection in progress, which would be most of the load.
            if (Libc.Connect(socket.Descriptor, bytes, address.Size) < 0 &&
                Marshal.GetLastPInvokeError() != Libc.ErrorInProgress)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            }
        }

        return socket;
    }

    /// <summary>
    /// The number of bytes received; 0 if the server has closed the connection, <c>null</c> if none have arrived.
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
    /// Sends all bytes. Clients send little, so it rarely has to loop until the kernel has room.
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
