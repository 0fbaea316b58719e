using Kaffediem.Server.Http;

namespace Kaffediem.Server.Bodies;

/// <summary>Why a body cannot be read.</summary>
/// <param name="StatusCode">400, 415, 429 or 503.</param>
/// <param name="Detail">The reason, without a word of the body.</param>
internal sealed record BodyRefusal(int StatusCode, string Detail)
{
    private const string AcceptedTypes = "application/json, application/x-www-form-urlencoded, multipart/form-data";

    /// <summary>415: the body is neither JSON nor a form.</summary>
    public static readonly BodyRefusal WrongType = Unsupported(
        $"The body has an unsupported Content-Type, or none; supported are {AcceptedTypes}.");

    /// <summary>415: JSON in the disguise of a form, which is how curl sends it without <c>-H</c>.</summary>
    public static readonly BodyRefusal JsonAsForm = Unsupported(
        "The body looks like JSON, but its Content-Type is that of a form; send it with "
            + "Content-Type: application/json.");

    /// <summary>415: the body is compressed.</summary>
    public static readonly BodyRefusal Encoded = Unsupported("The body must be sent without a Content-Encoding.") with
    {
        // RFC 9110 §15.5.16: the codings that would have been accepted; §12.5.3: identity stands for none.
        AnswerHeader = ("Accept-Encoding", "identity"),
    };

    /// <summary>429: the client has sent too much of bodies that it does not finish.</summary>
    public static readonly BodyRefusal TooMuchOfClient = ForNow(
        StatusCodes.Status429TooManyRequests, "Too many bodies of this client are unfinished. Try again later.");

    /// <summary>503: all clients together have.</summary>
    public static readonly BodyRefusal TooMuchInAll = ForNow(
        StatusCodes.Status503ServiceUnavailable, "Too many bodies are unfinished. Try again later.");

    private (string Name, string Value)? AnswerHeader { get; init; }

    /// <summary>400: the body is not what its type says.</summary>
    public static BodyRefusal Malformed(string detail) => new(StatusCodes.Status400BadRequest, detail);

    /// <summary>Answers the request.</summary>
    public Task WriteAsync(HttpContext context)
    {
        if (AnswerHeader is var (name, value))
        {
            context.Response.Headers[name] = value;
        }

        if (AnswerHeader is ("Accept", var types) && HttpMethods.IsPatch(context.Request.Method))
        {
            context.Response.Headers["Accept-Patch"] = types; // RFC 5789 §2.2
        }

        return ErrorResponses.WriteDetailAsync(context, StatusCode, Detail);
    }

    // The least time after which the web server gives up a body that does not arrive.
    private static BodyRefusal ForNow(int statusCode, string detail) =>
        new(statusCode, detail) { AnswerHeader = ("Retry-After", "10") };

    private static BodyRefusal Unsupported(string detail) => new(StatusCodes.Status415UnsupportedMediaType, detail)
    {
        // RFC 9110 §15.5.16: the media types that would have been accepted.
        AnswerHeader = ("Accept", AcceptedTypes),
    };
}
