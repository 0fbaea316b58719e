namespace Kaffediem.Protocol.Testing;

/// <summary>Carries the server's frames to a client in the same process. It is never slow, so it has no
/// limits.</summary>
internal sealed class InMemoryTransport(
    Inbox inbox, ClientSerializer serializer, bool supportsBinary, Action<CloseReason> onClose) : ITransport
{
    private int _isClosing;

    public bool IsClosing => Volatile.Read(ref _isClosing) == 1;

    public long PendingBytes => 0;

    public bool SupportsBinary => supportsBinary;

    public bool AcceptsRuns => false;

    public void Send(in Frame frame, bool isReply = false)
    {
        if (!IsClosing)
        {
            // RFC 6455 §5.2: the opcode, 1 for text and 2 for binary, is the first byte's low half.
            var isBinary = (frame.Head.Span[0] & 0x0F) == 2;
            byte[] payload = [.. frame.HeadPayload.Span, .. frame.Shared.Span, .. frame.Tail.Span];
            inbox.Add(serializer.Decode(payload, isBinary));
        }
    }

    public void Close(CloseReason reason)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            inbox.Close(reason.Code);

            // On a thread of its own: the caller may hold locks.
            ThreadPool.UnsafeQueueUserWorkItem(
                static end => end.onClose(end.reason), (onClose, reason), preferLocal: false);
        }
    }

    public void CloseIfOverdue()
    {
        // A client of a test may be silent for as long as it likes.
    }
}
