using Kaffediem.Server.Hosting;

namespace Kaffediem.Server.Commands;

/// <summary>
/// Checks the command line of the server itself, which consists of settings. The framework silently skips unknown
/// words, so a misspelled setting would have its default.
/// </summary>
internal static class ServerArguments
{
    /// <exception cref="StartException">A word is not a setting, or a setting has no value.</exception>
    public static void Check(string[] words)
    {
        var rest = new Queue<string>(words);
        while (rest.TryDequeue(out var word))
        {
            var parts = word.Split('=', 2);
            if (Refuse(parts[0], parts.ElementAtOrDefault(1), rest) is { } refusal)
            {
                throw new StartException(refusal);
            }
        }
    }

    private static string? Refuse(string option, string? value, Queue<string> rest)
    {
        // "-x" keeps its hyphen, because there are no short names. "Auth:Writes=Open" needs no hyphen.
        var name = option.StartsWith("--", StringComparison.Ordinal) ? option[2..]
            : option.StartsWith('/') ? option[1..]
            : option;
        if (value is null && name == option && !option.StartsWith('-'))
        {
            return $"'{option}' is not an option. A command comes first, see --help.";
        }

        // WebApplicationFactory turns a whole configuration into options, its sections into options without a value.
        if (value is "" && KnownSettings.SectionNames.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        if (!KnownSettings.Contains(name))
        {
            return ServerSettings.RefuseUnknown(option, "--help", "--version");
        }

        var hasValue = value is not null
            || (rest.TryDequeue(out value) && !value.StartsWith("--", StringComparison.Ordinal));
        return hasValue ? null : $"The option {option} needs a value.";
    }
}
