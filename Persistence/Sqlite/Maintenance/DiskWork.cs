namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>Turns the failures of work on a file into messages for the operator.</summary>
internal static class DiskWork
{
    /// <inheritdoc cref="Run{T}"/>
    public static void Run(string path, Action work) => Run(path, () =>
    {
        work();
        return true;
    });

    /// <summary>Does work on a file.</summary>
    /// <exception cref="DatabaseException">The work failed; the message says why.</exception>
    public static T Run<T>(string path, Func<T> work)
    {
        try
        {
            return SqliteFault.Explain(path, work);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseException($"{path} cannot be written: {exception.Message}", exception);
        }
    }
}
