using System.Security.Cryptography;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Sqlite;

namespace Kaffediem.Server.Images;

/// <summary>
/// The uploaded images: files in a folder beside the database, named as <see cref="ImageName"/> says. Thread-safe.
/// </summary>
internal sealed class ImageStore(Database database, TimeProvider time)
{
    private const string TemporaryPrefix = "upload-";
    private const string TemporarySuffix = ".tmp";

    // Named after the database, as SQLite names its own files: a server on another database in the same folder, such as
    // a trial copy, must not delete these images as unused.
    private readonly string _folder = FolderOf(database.Path);

    // Guards the existence and the time of files: one that DeleteIfOlder found old must not be renewed before it is
    // gone.
    private readonly Lock _lock = new();

    /// <summary>The folder of a database's images.</summary>
    public static string FolderOf(string databasePath) => $"{databasePath}-uploads";

    /// <summary>
    /// Saves an image and returns its name. It is completely on the disk before it gets that name, so neither a crash
    /// nor a power failure leaves half of one. An item must refer to it soon, or it is deleted as unused.
    /// </summary>
    public async Task<string> SaveAsync(Stream content, ImageKind kind, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(_folder);
        var name = ImageName.Of(await SHA256.HashDataAsync(content, cancellationToken), kind);
        content.Position = 0;
        var temporary = Path.Join(_folder, $"{TemporaryPrefix}{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            await WriteAsync(temporary, content, cancellationToken);
            lock (_lock)
            {
                File.SetLastWriteTimeUtc(temporary, Now);
                // The name becomes durable with the commit that refers to it: the same file system's next sync.
                File.Move(temporary, Path.Join(_folder, name), overwrite: true);
            }
        }
        finally
        {
            File.Delete(temporary);
        }

        return name;
    }

    /// <summary>
    /// Whether the image exists. If so, it counts as just saved, so that an item may refer to it.
    /// </summary>
    public bool Renew(string name)
    {
        var path = Path.Join(_folder, name);
        lock (_lock)
        {
            if (!File.Exists(path))
            {
                return false;
            }

            File.SetLastWriteTimeUtc(path, Now);
            return true;
        }
    }

    /// <summary>Opens an image for reading; <c>null</c> if it does not exist.</summary>
    /// <param name="name">An <see cref="ImageName"/>: any other name could lead out of the folder.</param>
    public Stream? Open(string name)
    {
        try
        {
            // No buffer: the sender reads in large pieces.
            var share = FileShare.Read | FileShare.Delete;
            return new FileStream(Path.Join(_folder, name), FileMode.Open, FileAccess.Read, share, bufferSize: 0);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// The names of images and of unfinished uploads in the folder. Other files do not belong to the server.
    /// </summary>
    public IReadOnlyList<string> List() =>
        Directory.Exists(_folder)
            ? [.. Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path)).Where(IsOurs)]
            : [];

    /// <summary>The folder and the files in it, as full paths; empty before the first upload.</summary>
    public IReadOnlyList<string> ListPaths() =>
        Directory.Exists(_folder) ? [_folder, .. List().Select(name => Path.Join(_folder, name))] : [];

    /// <summary>Deletes a file unless it is younger than an age.</summary>
    public bool DeleteIfOlder(string name, TimeSpan age)
    {
        var path = Path.Join(_folder, name);
        lock (_lock)
        {
            // The time of a missing file is in 1601.
            if (Now - File.GetLastWriteTimeUtc(path) < age)
            {
                return false;
            }

            File.Delete(path);
            return true;
        }
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private static async Task WriteAsync(string path, Stream content, CancellationToken cancellationToken)
    {
        await using var file = PrivateFiles.Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        await content.CopyToAsync(file, cancellationToken);
        file.Flush(flushToDisk: true);
    }

    private static bool IsOurs(string name) =>
        ImageName.KindOf(name) is not null
        || (name.StartsWith(TemporaryPrefix, StringComparison.Ordinal)
            && name.EndsWith(TemporarySuffix, StringComparison.Ordinal));
}
