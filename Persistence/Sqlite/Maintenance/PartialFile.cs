using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>
/// A database that is being made. Until it is complete and on the disk its name ends in <c>.partial</c>, so that
/// nothing mistakes the leftover of a crash for a database. Other users may be able to write to the folder: the name is
/// random, and the file is newly made under it, so nothing is written through a link that somebody has placed there.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const int RandomDigits = 16;

    private readonly string _target;
    private readonly string _path;
    private readonly FileIdentityLock? _identity;
    private bool _isKept;

    private PartialFile(string target, string path, FileIdentityLock? identity, SqliteConnection connection)
    {
        (_target, _path, _identity) = (target, path, identity);
        Connection = connection;
    }

    /// <summary>While this connection is open, nobody else can use the file.</summary>
    public SqliteConnection Connection { get; }

    /// <summary>Begins a file.</summary>
    /// <param name="target">Its final name, as a full path.</param>
    /// <exception cref="DatabaseException">The file cannot be made there.</exception>
    public static PartialFile Create(string target)
    {
        var path = $"{target}.{RandomNumberGenerator.GetHexString(RandomDigits, lowercase: true)}.partial";
        var identity = CreateFile(target, path);
        try
        {
            return new PartialFile(target, path, identity, Open(path, identity));
        }
        catch
        {
            File.Delete(path);
            identity?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Deletes what crashes have left of databases that were being made, restored or kept here. Must be called before
    /// SQLite opens a file in this process: see <see cref="FileIdentityLock.IsTaken"/>.
    /// </summary>
    /// <param name="target">Their final name, as a full path.</param>
    public static void DeleteLeftovers(string target)
    {
        // Without locks, a file that another process is still writing could not be distinguished from a leftover.
        if (!FileIdentityLock.IsSupported)
        {
            return;
        }

        try
        {
            foreach (var path in FindPartial(target).Where(path => !FileIdentityLock.IsTaken(path)))
            {
                // If this is a link, only the link is deleted.
                File.Delete(path);
                File.Delete(path + "-journal");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is another user's, for example in /tmp, and does no harm.
        }
    }

    /// <summary>Makes it a single file, without a log beside it, and syncs it to the disk.</summary>
    public void Finish() => Connection.Execute("PRAGMA journal_mode = DELETE");

    /// <summary>Gives the file its final name.</summary>
    /// <param name="overwrite">Whether it may replace a file of that name.</param>
    /// <exception cref="IOException">A file of that name exists and may not be replaced.</exception>
    public void Publish(bool overwrite)
    {
        // Before the file is closed: until then its lock shows that it is not a leftover. A link is replaced, not
        // followed.
        File.Move(_path, _target, overwrite);
        _isKept = true;
        FolderSync.Run(_target);
    }

    /// <summary>Closes the file, and deletes it unless it was published.</summary>
    public void Dispose()
    {
        if (!_isKept)
        {
            File.Delete(_path);
        }

        Connection.Dispose();
        _identity?.Dispose();
    }

    // Earlier versions used names without a random part.
    private static string[] FindPartial(string target)
    {
        const string random = @"(\.[0-9a-f]{16})?";
        var name = new Regex(
            $@"^{Regex.Escape(Path.GetFileName(target))}(\.restore|\.before-restore-[\d-]+)?{random}\.partial$");
        return
        [
            .. Directory.EnumerateFiles(Path.GetDirectoryName(target) ?? "")
                .Where(path => name.IsMatch(Path.GetFileName(path))),
        ];
    }

    private static FileIdentityLock? CreateFile(string target, string path)
    {
        var folder = Path.GetDirectoryName(target);
        if (!Directory.Exists(folder))
        {
            throw new DatabaseException($"The folder {folder} does not exist.");
        }

        try
        {
            return FileIdentityLock.Create(path);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DatabaseException(
                $"{target} cannot be made: may this user write to the folder {folder}?", exception);
        }
        catch (IOException exception)
        {
            throw new DatabaseException($"{target} cannot be made: {exception.Message}", exception);
        }
    }

    // SQLite opens the file by its name. A user who can write to the folder may have put another file there by now: a
    // link, or a file of their own to read the copy from.
    private static SqliteConnection Open(string path, FileIdentityLock? identity) =>
        SqliteSettings.Connect(path, SqliteOpenMode.ReadWrite, connection =>
        {
            connection.Execute("BEGIN EXCLUSIVE");
            if (identity is { IsLockedBySqlite: false })
            {
                throw new DatabaseException($"{path} was replaced by another process.");
            }

            connection.Execute("COMMIT");
            SqliteSettings.ApplyToCopy(connection);
        });
}
