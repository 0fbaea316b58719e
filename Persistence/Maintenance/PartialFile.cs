using Dapper;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Maintenance;

/// <summary>
/// A database that is being made. Until it is whole and on the disk it has another name, <c>.partial</c>, so that what a
/// crash leaves is never taken for a database; the next attempt goes on with that.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _target;
    private bool _isKept;

    private PartialFile(string target, SqliteConnection connection)
    {
        _target = target;
        Connection = connection;
    }

    /// <summary>Nobody else can use the file while this is open.</summary>
    public SqliteConnection Connection { get; }

    private string Path => NameOf(_target);

    /// <summary>Begins a file.</summary>
    /// <param name="target">Where it is to be, as a full path.</param>
    /// <exception cref="DatabaseException">It cannot be made there, or another process is making it.</exception>
    public static PartialFile Create(string target)
    {
        var path = NameOf(target);
        var folder = System.IO.Path.GetDirectoryName(target);
        if (!Directory.Exists(folder))
        {
            throw new DatabaseException($"The folder {folder} does not exist.");
        }

        try
        {
            PrivateFiles.EnsureFile(path);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DatabaseException($"{target} cannot be made: may this user write to the folder {folder}?", exception);
        }
        catch (IOException exception)
        {
            throw new DatabaseException($"{target} cannot be made: {exception.Message}", exception);
        }

        var connection = SqliteSettings.Connect(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            SqliteSettings.ApplyToCopy(connection);
            // Another one may have finished this file, and renamed it, while we waited for it.
            return !SqliteNative.HasMoved(connection)
                ? new PartialFile(target, connection)
                : throw new DatabaseException($"{target} is being written by another process.");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Makes it a file for itself, without a log beside it, and on the disk.</summary>
    public void Finish() => Connection.Execute("PRAGMA journal_mode = DELETE");

    /// <summary>Gives it its name, over what may have had it.</summary>
    public void Publish()
    {
        // Before it is closed: until then nobody else can take the file for one that was given up.
        File.Move(Path, _target, overwrite: true);
        _isKept = true;
        FolderSync.Run(_target);
    }

    /// <summary>Closes it, and deletes it if it has not got its name.</summary>
    public void Dispose()
    {
        if (!_isKept)
        {
            File.Delete(Path);
        }

        Connection.Dispose();
    }

    private static string NameOf(string target) => target + ".partial";
}
