using Kaffediem.Persistence;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Identity;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Records;

/// <summary>The services that the endpoints of every collection use.</summary>
internal sealed record RecordServices(
    Database Database, LongReads LongReads, ImageUrls ImageUrls, Callers Callers);
