using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kaffediem.Protocol;

/// <summary>One presence: a channel under a key. It never changes; an update replaces it.</summary>
/// <param name="Channel">The channel that tracks it.</param>
/// <param name="Key">The key in the clients' lists.</param>
/// <param name="KeyJson">The same, encoded.</param>
/// <param name="PhxRef">Distinguishes it from the others of its key.</param>
/// <param name="Meta">The data that clients get about it: a JSON object, encoded.</param>
internal sealed record PresenceEntry(Channel Channel, string Key, JsonEncodedText KeyJson, string PhxRef, byte[] Meta)
{
    // As long as Phoenix's, and unique.
    private const int PhxRefBytes = 12;

    /// <exception cref="ArgumentException">The key is not valid Unicode.</exception>
    public static PresenceEntry Create(Channel channel, string key, JsonObject meta, string? previous = null)
    {
        var phxRef = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(PhxRefBytes));
        return new PresenceEntry(
            channel, key, PresenceJson.Key(key), phxRef, PresenceJson.Meta(meta, phxRef, previous));
    }

    /// <summary>The meta as an object of the caller's own.</summary>
    public JsonObject ToObject() =>
        JsonNode.Parse(Meta)!.AsObject(); // PresenceJson.Meta has written an object
}
