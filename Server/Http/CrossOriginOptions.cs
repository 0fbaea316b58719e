using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Http;

/// <summary>Section <c>Cors</c>: the front ends that may use the API from a browser.</summary>
internal sealed class CrossOriginOptions : IValidatableObject
{
    /// <summary>Origins, exactly as browsers send them (default: the development front end).</summary>
    [Description("the front ends that may use the API and the socket from a browser, comma separated")]
    public string[] Origins { get; init; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from origin in Origins
        where !Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin
        select new ValidationResult(
            $"Cors:Origins: '{origin}' is not an origin such as https://shop.example (no path, no slash).");
}

[OptionsValidator]
internal sealed partial class CrossOriginOptionsValidator : IValidateOptions<CrossOriginOptions>;
