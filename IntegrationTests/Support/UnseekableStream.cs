namespace Kaffediem.IntegrationTests.Support;

/// <summary>A body of unknown length: it is sent in chunks.</summary>
internal sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
{
    public override bool CanSeek => false;
}
