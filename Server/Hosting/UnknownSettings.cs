using System.Collections;
using Kaffediem.Server.Http;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// Finds settings without effect in settings files and in the environment. They may belong to another program, so the
/// server only warns of them; on the command line it refuses them.
/// </summary>
internal static class UnknownSettings
{
    // Short names are left out: one letter from "PORT" or "urls" is likely another program's variable.
    private static readonly string[] LongNames =
    [
        .. KnownSettings.All.SelectMany(setting => new[] { setting.Name, setting.OldName }).OfType<string>()
            .Where(name => name.Length > 5 && !name.Contains(':')),
    ];

    /// <summary>One warning for each such setting.</summary>
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

    // Every environment variable is a root: only names close to ours deserve a warning.
    private static IEnumerable<string> FindRoots(IConfigurationRoot configuration) =>
        from root in configuration.GetChildren()
        where !KnownSettings.Contains(root.Key)
            && !KnownSettings.SectionNames.Contains(root.Key, StringComparer.OrdinalIgnoreCase)
        let nearest = Spelling.Nearest(root.Key, root.Value is null ? KnownSettings.SectionNames : LongNames)
        where nearest is not null
        select Describe(configuration, root.Key, nearest);

    private static IEnumerable<string> FindVariables() =>
        from DictionaryEntry entry in Environment.GetEnvironmentVariables()
        let variable = (string)entry.Key
        let prefix = KnownSettings.PrefixOf(variable)
        where prefix is not null
        let key = variable[prefix.Length..]
        where !KnownSettings.Contains(key) && !key.Contains("__", StringComparison.Ordinal)
        let nearest = Spelling.Nearest(key, KnownSettings.Names)
        where nearest is not null
        select $"The environment variable {variable} is unknown and has no effect."
            + Spelling.Suggest(prefix + nearest.ToUpperInvariant());

    private static IEnumerable<string> FindHosts(IConfiguration configuration) =>
        Addresses.FindNamedHosts(configuration).Select(address =>
            $"{address.Setting}: the host of {address.Url} is not an IP address, "
            + "so the server listens on all interfaces.");

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
