using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Bodies;

/// <summary>A part of a <c>multipart/form-data</c> body, whose headers are well-formed.</summary>
/// <param name="Section">The part.</param>
/// <param name="Name">The field.</param>
/// <param name="FileName">The file's name; without a value where there is none.</param>
/// <param name="Type">What the content is said to be.</param>
/// <param name="Encoding">The encoding of a text; <c>null</c> where none is known.</param>
internal sealed record FormPart(
    MultipartSection Section, string Name, StringSegment FileName, MediaTypeHeaderValue? Type, Encoding? Encoding)
{
    private const string NoName = "A part of the form has no well-formed Content-Disposition: form-data with a name.";
    private const string WrongCharset = "A part of the form has a charset that is not supported: send it in UTF-8.";

    /// <summary>Reads a part's headers.</summary>
    /// <returns>The part, or what is wrong with it.</returns>
    public static (FormPart? Part, string? Fault) Read(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
        {
            return (null, NoName);
        }

        var type = MediaTypeHeaderValue.TryParse(section.ContentType, out var parsed) ? parsed : null;
        return !Charset.TryRead(() => (disposition.Name, FileNameOf(disposition)), out var names)
            || !Charset.TryFind(type, out var encoding) ? (null, WrongCharset)
            : StringSegment.IsNullOrEmpty(names.Name) ? (null, NoName)
            : (new FormPart(section, names.Name.ToString(), names.Item2, type, encoding), null);
    }

    private static StringSegment FileNameOf(ContentDispositionHeaderValue disposition) =>
        StringSegment.IsNullOrEmpty(disposition.FileNameStar) ? disposition.FileName : disposition.FileNameStar;
}
