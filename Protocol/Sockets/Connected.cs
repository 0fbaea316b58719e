namespace Kaffediem.Protocol;

/// <summary>A client that was let in.</summary>
internal sealed record Connected(PhoenixSocket Socket, string? Id, ChannelRoutes Routes, ISerializer Serializer);
