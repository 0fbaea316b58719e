using System.Diagnostics;
using System.Net;
using System.Text;
using Kaffediem.Benchmarks.Linux;

namespace Kaffediem.Benchmarks.Load;

/// <summary>Receives the responses to posts.</summary>
internal interface IAnswers
{
    void OnAnswer(Poster poster, int status, long sentAt, long now);
}

/// <summary>A keep-alive HTTP connection that creates records, always with the same request.</summary>
internal sealed class Poster : IConnection
{
    private readonly EventLoop _loop;
    private readonly LoadSocket _socket;
    private readonly IAnswers _answers;
    private readonly ReadOnlyMemory<byte> _request;
    private readonly ResponseReader _reader = new();
    private readonly Queue<long> _sentAt = new();

    public Poster(EventLoop loop, IPEndPoint server, int index, ReadOnlyMemory<byte> request, IAnswers answers)
    {
        _loop = loop;
        _request = request;
        _answers = answers;
        _socket = LoadSocket.Connect(server, index);
        loop.Add(this, _socket, Epoll.Readable);
    }

    public int InFlight => _sentAt.Count;

    /// <summary>The bytes of that request.</summary>
    public static byte[] Request(IPEndPoint server, string path, string body) => Encoding.UTF8.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: {server}\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    public void Post(long now)
    {
        _sentAt.Enqueue(now);
        if (!_socket.Send(_request.Span))
        {
            throw new IOException("The server has ended a connection that posts.");
        }
    }

    public void OnReady()
    {
        if (_socket.Receive(_reader.Free) is not { } read)
        {
            return;
        }

        if (read == 0)
        {
            _loop.Remove(_socket);
            throw new IOException("The server has ended a connection that posts.");
        }

        _reader.Advance(read);
        var now = Stopwatch.GetTimestamp();
        while (_reader.TryRead(out var status))
        {
            _answers.OnAnswer(this, status, _sentAt.Dequeue(), now);
        }
    }
}
