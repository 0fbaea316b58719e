using System.Text;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Bodies;

/// <summary>The one place where the charset that a client names becomes an encoding.</summary>
internal static class Charset
{
    /// <summary>Finds the encoding of a text.</summary>
    /// <param name="type">The type of the text; <c>null</c>: none is given.</param>
    /// <param name="encoding">The encoding; <c>null</c> where none is named, or one that .NET does not know.</param>
    /// <returns>Whether text in it is accepted: not UTF-7, which .NET knows and refuses to use (SYSLIB0001).</returns>
    public static bool TryFind(MediaTypeHeaderValue? type, out Encoding? encoding) =>
        TryRead(() => type?.Encoding, out encoding);

    /// <summary>Reads a value whose charset is named in it (RFC 2047, RFC 8187), as a file's name may be.</summary>
    /// <param name="read">The framework's reader. It decodes when it is asked for the value.</param>
    /// <param name="value">The value.</param>
    /// <returns>As <see cref="TryFind"/>.</returns>
    public static bool TryRead<T>(Func<T> read, out T? value)
    {
        try
        {
            value = read();
            return true;
        }
        catch (NotSupportedException)
        {
            value = default;
            return false;
        }
    }
}
