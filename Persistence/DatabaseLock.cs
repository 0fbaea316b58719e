namespace Kaffediem.Persistence;

/// <summary>
/// Keeps a second server off a database file: each would think itself its only writer, and its screens would not hear what
/// the other one writes. The lock is on a file of its own beside the database, which the old back end, a shell or a user
/// command therefore still opens; it is the operating system's, and goes with the process, however that ends.
/// </summary>
internal sealed class DatabaseLock : IDisposable
{
    private readonly FileStream _file;

    private DatabaseLock(FileStream file) => _file = file;

    /// <summary>Takes the lock of a database, there or not; its folder must be.</summary>
    /// <exception cref="DatabaseException">Another process, or this one, has it already.</exception>
    public static DatabaseLock Take(string path)
    {
        var lockPath = ResolveLink(path) + "-lock";
        try
        {
            // To read it is enough, so that one user may have made it and another use it. It stays when it is let go:
            // if it were deleted, a third process could lock a new one while a second still waits for the old.
            return new DatabaseLock(new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.Read, FileShare.None));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DatabaseException($"{lockPath} cannot be opened: may this user write its folder?", exception);
        }
        catch (IOException exception) when (File.Exists(lockPath))
        {
            throw new DatabaseException($"{path} is in use by another Kaffediem: stop that one first.", exception);
        }
        catch (IOException exception)
        {
            throw new DatabaseException($"{lockPath} cannot be made: {exception.Message}", exception);
        }
    }

    /// <summary>Where the file really is: under two names it is still one, for SQLite as well.</summary>
    public static string ResolveLink(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
    }

    /// <summary>Lets go.</summary>
    public void Dispose() => _file.Dispose();
}
