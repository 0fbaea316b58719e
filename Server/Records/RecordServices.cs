using Kaffediem.Persistence;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Records;

/// <summary>The services that the endpoints of every collection use.</summary>
internal sealed record RecordServices(
    Database Database, LongReads LongReads, ImageUrls ImageUrls, CookieSession Sessions);
