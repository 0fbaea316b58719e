using Kaffediem.Persistence.Writing;

namespace Kaffediem.Server.Commands;

/// <summary>An error of a command line as a whole, not of a field.</summary>
internal static class Mistake
{
    public static FieldError Of(string message) => new(Field: "", message);
}
