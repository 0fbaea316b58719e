using Kaffediem.Persistence;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Hosting;

/// <summary>What stops a start that the operator can put right, in one line.</summary>
internal static class StartFailure
{
    /// <summary>The reason; <c>null</c> when the exception is a fault of the program.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        OptionsValidationException invalid => string.Join(" ", invalid.Failures),
        StartException => exception.Message,
        // "Invalid url: 'x'"; a settings file that is no JSON.
        FormatException or InvalidDataException => exception.Message,
        IOException { InnerException: AddressInUseException } taken => taken.Message,
        _ => DatabaseFault.Describe(exception),
    };
}
