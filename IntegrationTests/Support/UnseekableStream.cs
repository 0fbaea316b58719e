namespace Kaffediem.IntegrationTests.Support;

/// <summary>A body whose length is not known beforehand: it is sent in chunks.</summary>
internal sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
{
    public override bool CanSeek => false;
}
