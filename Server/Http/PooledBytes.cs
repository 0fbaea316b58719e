using System.Buffers;

namespace Kaffediem.Server.Http;

/// <summary>
/// The bytes of an answer while it is encoded and sent, in pieces that go back to the pool afterwards. A single array
/// would have to be copied to twice its size again and again. Not thread-safe.
/// </summary>
internal sealed class PooledBytes : IBufferWriter<byte>, IDisposable
{
    // A page of a list fits in. A piece of twice the size would not come from the pool of small arrays.
    private const int PieceSize = 64 * 1024;

    private readonly List<byte[]> _pieces = [];
    private readonly List<int> _lengths = [];

    /// <summary>How many bytes were written.</summary>
    public long Length { get; private set; }

    /// <summary>The bytes, piece by piece.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces =>
        _pieces.Zip(_lengths, ReadOnlyMemory<byte> (piece, length) => piece.AsMemory(0, length));

    /// <summary>A copy of all bytes, in an array of exactly their length.</summary>
    public byte[] ToArray()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)Length));
        var end = 0;
        foreach (var piece in Pieces)
        {
            piece.CopyTo(bytes.AsMemory(end));
            end += piece.Length;
        }

        return bytes;
    }

    public void Advance(int count)
    {
        _lengths[^1] += count;
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_pieces.Count == 0 || _pieces[^1].Length - _lengths[^1] < Math.Max(1, sizeHint))
        {
            _pieces.Add(ArrayPool<byte>.Shared.Rent(Math.Max(PieceSize, sizeHint)));
            _lengths.Add(0);
        }

        return _pieces[^1].AsMemory(_lengths[^1]);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        _pieces.ForEach(piece => ArrayPool<byte>.Shared.Return(piece));
        _pieces.Clear();
        _lengths.Clear();
        Length = 0;
    }
}
