using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Kaffediem.Benchmarks.Linux;

/// <summary>Finds the readable ones among many sockets, for one thread (epoll(7), level-triggered).</summary>
internal sealed unsafe class Epoll
{
    public const uint Readable = 0x001; // EPOLLIN
    public const uint Writable = 0x004; // EPOLLOUT

    private const int Add = 1; // EPOLL_CTL_ADD
    private const int Remove = 2; // EPOLL_CTL_DEL
    private const int Modify = 3; // EPOLL_CTL_MOD
    private const int MaxEvents = 1024;

    // struct epoll_event { uint32_t events; uint64_t data; } is packed on x64, and only there (man epoll_event).
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventBytes = DataOffset + 8;

    private readonly int _descriptor = Libc.EpollCreate(flags: 0);
    private readonly byte[] _events = GC.AllocateArray<byte>(MaxEvents * EventBytes, pinned: true);

    public Epoll()
    {
        Check(_descriptor);
    }

    /// <summary>Begins to watch a socket; <see cref="IdAt"/> reports it under <paramref name="id"/>.</summary>
    public void Watch(int socket, int id, uint events) => Control(Add, socket, id, events);

    public void Change(int socket, int id, uint events) => Control(Modify, socket, id, events);

    public void Forget(int socket) => Control(Remove, socket, 0, 0);

    /// <returns>The number of ready sockets.</returns>
    public int Wait(int timeoutMs)
    {
        fixed (byte* events = _events)
        {
            // -1 is EINTR: no socket is ready yet.
            return Math.Max(0, Libc.EpollWait(_descriptor, events, MaxEvents, timeoutMs));
        }
    }

    /// <summary>The id of one of the ready sockets that <see cref="Wait"/> found.</summary>
    public int IdAt(int index) =>
        BinaryPrimitives.ReadInt32LittleEndian(_events.AsSpan((index * EventBytes) + DataOffset));

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private void Control(int operation, int socket, int id, uint events)
    {
        var @event = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(@event, 4), events);
        BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(@event + DataOffset, 8), id);
        Check(Libc.EpollControl(_descriptor, operation, socket, @event));
    }
}
