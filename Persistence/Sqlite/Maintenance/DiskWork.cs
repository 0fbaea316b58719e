using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>Whatever goes wrong with a file, in words.</summary>
internal static class DiskWork
{
    /// <inheritdoc cref="Run{T}"/>
    public static void Run(string path, Action work) => Run(path, () =>
    {
        work();
        return true;
    });

    /// <summary>Does something with a file.</summary>
    /// <exception cref="DatabaseException">It cannot be done, and the message says why.</exception>
    public static T Run<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException exception)
        {
            throw new DatabaseException(DatabaseFault.Describe(exception, path), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseException($"{path} cannot be written: {exception.Message}", exception);
        }
    }
}
