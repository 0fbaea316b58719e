namespace Kaffediem.IntegrationTests.Docs;

/// <summary>The files of the repository.</summary>
internal static class Repository
{
    private static readonly string[] Skipped = [".git", "bin", "obj", "node_modules", "Data"];

    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The files that people write, without built, installed or recorded ones.</summary>
    /// <param name="pattern">For example <c>*.md</c>.</param>
    /// <returns>Their paths from the root on.</returns>
    public static IEnumerable<string> FindFiles(string pattern) => FindFiles(new DirectoryInfo(Root), pattern);

    private static IEnumerable<string> FindFiles(DirectoryInfo folder, string pattern) =>
    [
        .. folder.EnumerateFiles(pattern).Select(file => Path.GetRelativePath(Root, file.FullName)),
        .. folder.EnumerateDirectories()
            .Where(inner => !Skipped.Contains(inner.Name))
            .SelectMany(inner => FindFiles(inner, pattern)),
    ];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Kaffediem.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
