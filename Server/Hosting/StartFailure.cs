using System.Text.Json;
using Kaffediem.Persistence;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Hosting;

/// <summary>Reports whatever ends the program before its work is done as one line.</summary>
internal static class StartFailure
{
    private const string TraceVariable = "KAFFEDIEM_TRACE";

    /// <summary>Writes the line, and the stack trace below it if <c>KAFFEDIEM_TRACE</c> is set.</summary>
    /// <param name="error">The standard error.</param>
    /// <param name="beginning">How the line begins.</param>
    /// <param name="exception">The reason.</param>
    public static void Report(TextWriter error, string beginning, Exception exception)
    {
        var reason = Describe(exception)
            ?? $"{exception.GetType()}: {exception.Message} ({TraceVariable}=1 in the environment shows where.)";
        error.WriteLine(beginning + OneLine(reason));
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TraceVariable)))
        {
            error.WriteLine(exception);
        }
    }

    // null for an exception that only a fault of the program can cause.
    private static string? Describe(Exception exception) => exception switch
    {
        OptionsValidationException invalid => string.Join(" ", invalid.Failures),
        StartException => exception.Message,
        // "Failed to load configuration from file 'x'."
        InvalidDataException => $"{exception.Message} {DescribeFile(exception.GetBaseException())}",
        IOException { InnerException: AddressInUseException } taken => taken.Message,
        // localhost is two addresses.
        IOException { InnerException: AggregateException both } => Describe(both),
        AggregateException several => several.InnerExceptions.Select(Describe).FirstOrDefault(text => text is not null),
        // The message for a missing content root is just the path.
        DirectoryNotFoundException => $"There is no such folder: {exception.Message}",
        // getcwd(2) fails so; every other one names its file.
        FileNotFoundException { FileName: null } => "The folder that the server is started in no longer exists.",
        FormatException or IOException or UnauthorizedAccessException => exception.Message,
        _ => DatabaseFault.Describe(exception),
    };

    // Editors count from 1, the parser from 0.
    private static string DescribeFile(Exception exception) => exception is JsonException { LineNumber: { } line } json
        ? $"Line {line + 1}, position {json.BytePositionInLine + 1}: {WithoutPosition(json.Message)}"
        : exception.Message;

    // "… LineNumber: 3 | BytePositionInLine: 5."
    private static string WithoutPosition(string message) => message.Split(" LineNumber: ")[0];

    private static string OneLine(string text) => string.Join(
        ' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
