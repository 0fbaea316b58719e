using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Kaffediem.Server.Bodies;

/// <summary>
/// How long a body may be that anyone may send, in bytes; the framework's routing applies it. An order of 1,000 lines
/// has about half of it. Reading JSON takes up to 46 times its length: 60 clients with 8 MB each, which Kaffebase
/// accepted from everybody, filled 18 GB.
/// </summary>
internal sealed class BodyLimit : IRequestSizeLimitMetadata
{
    public static readonly BodyLimit OfAnyone = new();

    /// <summary>
    /// How fast a body has to arrive. At Kestrel's default, 240 bytes a second, one of 8 MB may take nine hours; a
    /// phone with the slowest connection, GPRS, sends about 2,500.
    /// </summary>
    public static readonly MinDataRate MinDataRate = new(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));

    private BodyLimit()
    {
    }

    public long? MaxRequestBodySize => 256 * 1024;
}
