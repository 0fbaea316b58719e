namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// Keeps a second server off a database file: each would assume that it is the only writer, and its clients would miss
/// the other's writes. There are two locks, both the operating system's, so they end with the process, however that
/// ends. One is on a separate file beside the database, <c>-lock</c>, so Kaffebase, a shell or a user command can still
/// open the database. The other is on the database itself (<see cref="FileIdentityLock"/>) and holds under every name
/// of the file.
/// </summary>
internal sealed class DatabaseLock : IDisposable
{
    private readonly FileStream _file;
    private readonly FileIdentityLock? _identity;

    private DatabaseLock(FileStream file, FileIdentityLock? identity) => (_file, _identity) = (file, identity);

    /// <summary>
    /// Takes the lock of a database, which need not exist yet; its folder must. Must be called before SQLite opens the
    /// file, and be disposed of after SQLite has closed it.
    /// </summary>
    /// <exception cref="DatabaseException">Another process, or this one, has the lock already.</exception>
    public static DatabaseLock Take(string path)
    {
        var resolved = ResolveLink(path);
        // The name first: a second server under the same name in this process must not touch the database's file.
        return Handover.To(TakeName(path, resolved + "-lock"), file => new DatabaseLock(
            file, FileIdentityLock.TryTake(resolved, out var identity) ? identity : throw InUse(path)));
    }

    /// <summary>
    /// Keeps a command off a database that a server has open under another name, a hard link: SQLite would not find the
    /// server's write-ahead log, which is named after the server's file. Must be called before SQLite opens the file in
    /// this process.
    /// </summary>
    /// <exception cref="DatabaseException">A server has the file open under another name.</exception>
    public static void RefuseUnderOtherName(string path)
    {
        var resolved = ResolveLink(path);
        if (FileIdentityLock.IsTaken(resolved) && !IsNameTaken(resolved + "-lock"))
        {
            throw new DatabaseException($"{path} is in use by a Kaffediem under another name: use that name.");
        }
    }

    /// <summary>The file that a symbolic link leads to. SQLite, too, names the log after that file.</summary>
    public static string ResolveLink(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null
            ? file.FullName
            : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
    }

    /// <summary>Releases both locks.</summary>
    public void Dispose()
    {
        _identity?.Dispose();
        _file.Dispose();
    }

    private static FileStream TakeName(string path, string lockPath)
    {
        if (PrivateFiles.IsLink(lockPath))
        {
            throw new DatabaseException($"{lockPath} is a symbolic link, and must be a file: remove the link.");
        }

        try
        {
            // The file is not deleted on release: otherwise a third process could lock a new file while a second still
            // waits for the old one.
            return PrivateFiles.Open(lockPath, FileMode.OpenOrCreate, FileAccess.Read, FileShare.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DatabaseException(
                $"{lockPath} cannot be opened: may this user write its folder, and read the file if there is one?",
                exception);
        }
        catch (IOException exception) when (File.Exists(lockPath))
        {
            throw InUse(path, exception);
        }
        catch (IOException exception)
        {
            throw new DatabaseException($"{lockPath} cannot be made: {exception.Message}", exception);
        }
    }

    private static bool IsNameTaken(string lockPath)
    {
        try
        {
            new FileStream(lockPath, FileMode.Open, FileAccess.Read, FileShare.None).Dispose();
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return File.Exists(lockPath);
        }
    }

    private static DatabaseException InUse(string path, Exception? exception = null) =>
        new($"{path} is in use by another Kaffediem: stop that one first.", exception);
}
