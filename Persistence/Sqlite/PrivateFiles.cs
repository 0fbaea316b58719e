namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// Files and folders that only their owner can read: they hold e-mail addresses, password hashes and customers' orders.
/// Windows has no such rights; there a file has the rights of its folder.
/// </summary>
public static class PrivateFiles
{
    private const UnixFileMode FileRights = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderRights = FileRights | UnixFileMode.UserExecute;

    private const UnixFileMode OthersRights =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes a folder, whatever the process's umask allows. An existing folder stays as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, FolderRights);
        }
    }

    /// <summary>Opens a file, or makes one that only its owner can read.</summary>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileRights;
        }

        return new FileStream(path, options);
    }

    /// <summary>
    /// Removes other users' rights to a file or folder. Does not follow a symbolic link: somebody may have placed one
    /// that leads to another user's file.
    /// </summary>
    public static Tightening Tighten(string path)
    {
        if (OperatingSystem.IsWindows() || !Path.Exists(path) || IsLink(path)
            || (File.GetUnixFileMode(path) & OthersRights) == 0)
        {
            return Tightening.NotNeeded;
        }

        try
        {
            var rights = Directory.Exists(path) ? FolderRights : FileRights;
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) & rights);
            // Some file systems have no rights and ignore the call.
            return (File.GetUnixFileMode(path) & OthersRights) == 0 ? Tightening.Done : Tightening.Impossible;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file belongs to another user, or the file system is read-only.
            return Tightening.Impossible;
        }
    }

    /// <summary>Whether a name is that of a symbolic link.</summary>
    internal static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    /// <summary>
    /// Makes a database's file private before SQLite opens it; SQLite would make it readable by everyone, and gives the
    /// files beside it the same rights. Must not be called while this process has the database open: closing any handle
    /// of the file drops SQLite's locks (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    /// </summary>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not make the file.</exception>
    internal static void EnsureFile(string path)
    {
        if (File.Exists(path))
        {
            Tighten(path);
            return;
        }

        try
        {
            Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process has just made it.
        }
    }
}

/// <summary>The outcome of <see cref="PrivateFiles.Tighten"/>.</summary>
public enum Tightening
{
    /// <summary>Nothing to do: the file is missing, or no other user can read it.</summary>
    NotNeeded,

    /// <summary>Other users can no longer read it.</summary>
    Done,

    /// <summary>Other users can still read the file: this user may not change its rights.</summary>
    Impossible,
}
