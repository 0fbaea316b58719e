using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Kaffediem.Protocol;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Pipeline;

/// <summary>Section <c>Cors</c>: the front ends that may use the API from a browser.</summary>
internal sealed class CrossOriginOptions : IValidatableObject
{
    /// <summary>
    /// Origins such as <c>https://shop.example</c> (default: none; in Development those of the front end's server).
    /// </summary>
    [Description("the front ends that may use the API and the socket from a browser, comma separated")]
    public string[] Origins { get; init; } = [];

    /// <summary>
    /// The check of pages that connect or write: allowed are those of <see cref="Origins"/> and of the server's own
    /// origin.
    /// </summary>
    public OriginCheck Check =>
        field ??= OriginCheck.Allow(Origins).OrSameOrigin().Naming("the setting Cors:Origins");

    /// <summary>Whether a request comes from a page that may not use the API.</summary>
    /// <param name="request">The request.</param>
    /// <param name="namesOrigin">
    /// Whether browsers name the origin of such a request, as they do for every write; "null" stands for one that they
    /// do not reveal. A browser whose privacy extension drops the header still reports whether the page is of another
    /// site. Other clients send neither.
    /// </param>
    public bool IsFromForeignPage(HttpRequest request, bool namesOrigin) =>
        request.Headers.Origin.Count == 0
            ? namesOrigin && request.Headers["Sec-Fetch-Site"] == "cross-site"
            : !Check.Allows(request);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from origin in Origins
        let fault = FindFault(origin)
        where fault is not null
        select new ValidationResult($"Cors:Origins: {fault}");

    private static string? FindFault(string text)
    {
        try
        {
            var origin = Origin.Parse(text);
            // Pages of other schemes send "null", or come from an application with a scheme of its own.
            return origin.Scheme is "file" or "ws" or "wss"
                ? $"'{text}' is not the origin of a page: pages have the scheme http or https."
                : null;
        }
        catch (FormatException malformed)
        {
            return malformed.Message;
        }
    }
}

[OptionsValidator]
internal sealed partial class CrossOriginOptionsValidator : IValidateOptions<CrossOriginOptions>;
