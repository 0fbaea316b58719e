using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kaffediem.IntegrationTests.Support;

internal static class Json
{
    /// <summary>Writes non-ASCII text unescaped.</summary>
    public static readonly JsonSerializerOptions Relaxed =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
