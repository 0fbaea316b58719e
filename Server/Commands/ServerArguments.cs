using Kaffediem.Server.Hosting;

namespace Kaffediem.Server.Commands;

/// <summary>
/// The command line of the server itself: nothing but settings. The framework skips a word that it does not understand, so
/// that a misspelled setting would have its default without a word.
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
        // "-x" keeps its hyphen: the framework allows short names, but there are none. "Auth:Writes=Open" needs no hyphen.
        var name = option.StartsWith("--", StringComparison.Ordinal) ? option[2..]
            : option.StartsWith('/') ? option[1..]
            : option;
        if (value is null && name == option && !option.StartsWith('-'))
        {
            return $"'{option}' is not an option. A command comes first, see --help.";
        }

        // WebApplicationFactory makes options of a whole configuration, and of its sections options without a value.
        if (value is "" && KnownSettings.SectionNames.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        if (!KnownSettings.Contains(name))
        {
            return ServerSettings.RefuseUnknown(option, "--help", "--version");
        }

        var isMissing = value is null && (!rest.TryDequeue(out value) || value.StartsWith("--", StringComparison.Ordinal));
        return isMissing ? $"The option {option} needs a value." : null;
    }
}
