using System.Collections;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// Finds what is set in vain, in a settings file or in the environment. On the command line it is refused; there it may
/// be another program's, so it is warned of.
/// </summary>
internal static class UnknownSettings
{
    // With one letter changed, "PORT" or "urls" may well be another program's variable.
    private static readonly string[] LongNames =
    [
        .. KnownSettings.All.SelectMany(setting => new[] { setting.Name, setting.OldName }).OfType<string>()
            .Where(name => name.Length > 5 && !name.Contains(':')),
    ];

    /// <summary>A line for each.</summary>
    public static IEnumerable<string> Find(IHostEnvironment environment, IConfiguration configuration) =>
        FindEnvironment(environment.EnvironmentName)
            .Concat(FindMembers((IConfigurationRoot)configuration))
            .Concat(FindRoots((IConfigurationRoot)configuration))
            .Concat(FindVariables())
            .Concat(FindHosts(configuration));

    private static IEnumerable<string> FindEnvironment(string name)
    {
        if (!KnownSettings.Environments.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            yield return $"The environment {name} is unknown and treated as Production."
                + Spelling.Suggest(Spelling.Nearest(name, KnownSettings.Environments));
        }
    }

    private static IEnumerable<string> FindMembers(IConfigurationRoot configuration) =>
        from section in KnownSettings.Sections.Keys
        from member in configuration.GetSection(section).AsEnumerable()
        where member.Value is not null && member.Key != section && !KnownSettings.Contains(member.Key)
        select Describe(configuration, member.Key, KnownSettings.Nearest(member.Key));

    // Every variable of the environment is a root: only one that is nearly ours is warned of.
    private static IEnumerable<string> FindRoots(IConfigurationRoot configuration) =>
        from root in configuration.GetChildren()
        where !KnownSettings.Contains(root.Key)
            && !KnownSettings.SectionNames.Contains(root.Key, StringComparer.OrdinalIgnoreCase)
        let nearest = Spelling.Nearest(root.Key, root.Value is null ? KnownSettings.SectionNames : LongNames)
        where nearest is not null
        select Describe(configuration, root.Key, nearest);

    private static IEnumerable<string> FindVariables() =>
        from variable in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => (string)entry.Key)
        let prefix = KnownSettings.Prefixes.FirstOrDefault(prefix => variable.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        where prefix is not null
        let key = variable[prefix.Length..]
        where !KnownSettings.Contains(key) && !key.Contains("__", StringComparison.Ordinal)
        let nearest = Spelling.Nearest(key, KnownSettings.Names)
        where nearest is not null
        select $"The environment variable {variable} is unknown and has no effect. Did you mean {prefix}{nearest.ToUpperInvariant()}?";

    private static IEnumerable<string> FindHosts(IConfiguration configuration) =>
        Addresses.FindNamedHosts(configuration).Select(address =>
            $"{address.Setting}: the host of {address.Url} is not an IP address, so the server listens on all interfaces.");

    private static string Describe(IConfigurationRoot configuration, string key, string? nearest) =>
        $"The setting {key}{SourceOf(configuration, key)} is unknown and has no effect.{Spelling.Suggest(nearest)}";

    private static string SourceOf(IConfigurationRoot configuration, string key) =>
        configuration.Providers.LastOrDefault(provider => Has(provider, key)) switch
        {
            JsonConfigurationProvider { Source: { Path: { } path } source } =>
                $" in {source.FileProvider?.GetFileInfo(path).PhysicalPath ?? path}",
            EnvironmentVariablesConfigurationProvider => " in the environment",
            _ => "",
        };

    private static bool Has(IConfigurationProvider provider, string key) =>
        provider.TryGet(key, out _) || provider.GetChildKeys([], key).Any();
}
