using System.Security.Cryptography;
using Kaffediem.Persistence.Sqlite.Maintenance;

namespace Kaffediem.Server.Images;

/// <summary>Checks that the uploaded images that items show lie beside the database, unchanged.</summary>
internal static class ImageCheck
{
    /// <summary>Reads every image that an item shows.</summary>
    /// <param name="databasePath">The database, as a full path.</param>
    /// <param name="images">The images that the items show.</param>
    public static CheckReport Run(string databasePath, IReadOnlyList<ItemImage> images)
    {
        var folder = ImageStore.FolderOf(databasePath);
        var shown = images
            .Select(image => (image.ItemId, Name: ImageUrls.NameIn(image.Image) ?? ""))
            .Where(image => image.Name.Length > 0)
            .ToList();
        var unused = FindNames(folder).Except(shown.Select(image => image.Name)).Count();
        List<string> facts = shown.Count > 0 ? [$"Images: {shown.Select(image => image.Name).Distinct().Count()}"] : [];
        if (unused > 0)
        {
            facts.Add($"Images that no item shows, which the server deletes: {unused}");
        }

        var problems = shown
            .Select(image => FindProblem(folder, image.Name) is { } problem
                ? $"The image {image.Name} of item {image.ItemId} {problem}."
                : null)
            .OfType<string>();
        return new CheckReport(facts, [.. problems], images);
    }

    private static IEnumerable<string> FindNames(string folder) => !Directory.Exists(folder)
        ? []
        : Directory.EnumerateFiles(folder)
            .Select(path => Path.GetFileName(path))
            .Where(name => ImageName.KindOf(name) is not null);

    private static string? FindProblem(string folder, string name)
    {
        try
        {
            using var content = File.OpenRead(Path.Join(folder, name));
            // Not null: every name that is checked has passed KindOf.
            return ImageName.Of(SHA256.HashData(content), ImageName.KindOf(name)!) == name ? null
                : "is not as it was uploaded";
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"is missing in {folder}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {exception.Message.TrimEnd('.')}";
        }
    }
}
