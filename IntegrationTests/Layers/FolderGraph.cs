using System.Text.RegularExpressions;
using Kaffediem.IntegrationTests.Docs;

namespace Kaffediem.IntegrationTests.Layers;

/// <summary>
/// Which folders of a project mention types that other folders declare. It is found in the text, without a compiler:
/// extension methods go unnoticed, and a member with the name of another folder's type counts as a mention. Files in
/// the project's root each count as a folder: options and metrics lie there beside what composes the whole.
/// </summary>
internal sealed partial class FolderGraph
{
    private readonly Dictionary<(string From, string To), SortedSet<string>> _mentions = [];

    /// <param name="files">The C# files: their paths from the project's folder on, and their texts.</param>
    public FolderGraph(IEnumerable<(string Path, string Text)> files)
    {
        var sources = files.Select(file => (file.Path, Code: Using().Replace(Prose.Remove(file.Text), ""))).ToList();
        var declared = sources
            .SelectMany(file => Declaration().Matches(file.Code)
                .Select(match => (Type: match.Groups["type"].Value, Folder: FolderOf(file.Path))))
            .ToLookup(type => type.Type, type => type.Folder);
        foreach (var (path, code) in sources)
        {
            var own = FolderOf(path);
            foreach (var word in Word().Matches(code).Select(match => match.Value).Distinct())
            {
                // A type of the folder's own comes first, as for the compiler.
                foreach (var folder in declared[word].Contains(own) ? [] : declared[word])
                {
                    Add(own, folder, $"{Path.GetFileName(path)} mentions {word.TrimEnd('<')}");
                }
            }
        }
    }

    /// <summary>One line for each pair of folders that is part of a cycle; empty if there is none.</summary>
    /// <param name="justified">Pairs of folders: the first may mention the second, against the direction.</param>
    public IReadOnlyList<string> FindCycles(IReadOnlyList<(string From, string To)> justified)
    {
        var edges = _mentions.Keys.Except(justified).ToLookup(edge => edge.From, edge => edge.To);
        var reached = edges.ToDictionary(from => from.Key, from => Reach(edges, from.Key));
        return
        [
            .. _mentions
                .Where(edge => edges[edge.Key.From].Contains(edge.Key.To)
                    && reached.TryGetValue(edge.Key.To, out var back)
                    && back.Contains(edge.Key.From))
                .OrderBy(edge => edge.Key)
                .Select(edge => $"{edge.Key.From} -> {edge.Key.To}: {string.Join(", ", edge.Value)}"),
        ];
    }

    private static HashSet<string> Reach(ILookup<string, string> edges, string start)
    {
        HashSet<string> reached = [];
        Queue<string> rest = new([start]);
        while (rest.TryDequeue(out var folder))
        {
            foreach (var next in edges[folder].Where(reached.Add))
            {
                rest.Enqueue(next);
            }
        }

        return reached;
    }

    private void Add(string from, string to, string mention)
    {
        if (!_mentions.TryGetValue((from, to), out var mentions))
        {
            _mentions[(from, to)] = mentions = new SortedSet<string>(StringComparer.Ordinal);
        }

        mentions.Add(mention);
    }

    private static string FolderOf(string path) =>
        Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder.Replace('\\', '/') : Path.GetFileName(path);

    [GeneratedRegex(@"^using .*$", RegexOptions.Multiline)]
    private static partial Regex Using();

    // Top-level types, which are not indented. That of a generic type ends with its "<", as a mention of it does: so
    // a method with the name of a generic type, such as Stream.Read, does not count as a mention.
    [GeneratedRegex(
        @"^(?:(?:public|internal|sealed|static|abstract|readonly|partial|file|unsafe|ref)\s+)+"
        + @"(?:record\s+struct|record\s+class|record|class|struct|interface|enum|delegate\s+[\w<>\[\]?, ]+?)\s+"
        + @"(?<type>\w+<?)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*<?")]
    private static partial Regex Word();
}
