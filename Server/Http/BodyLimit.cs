using Microsoft.AspNetCore.Http.Metadata;

namespace Kaffediem.Server.Http;

/// <summary>
/// How long a body may be that anyone may send, in bytes; the framework's routing applies it. An order of 1,000 lines has about
/// half of it. To read JSON takes up to 46 times its length: 60 clients with 8 MB each, as the old back end took them from
/// everybody, filled 18 GB.
/// </summary>
internal sealed class BodyLimit : IRequestSizeLimitMetadata
{
    public static readonly BodyLimit OfAnyone = new();

    private BodyLimit()
    {
    }

    public long? MaxRequestBodySize => 256 * 1024;
}
