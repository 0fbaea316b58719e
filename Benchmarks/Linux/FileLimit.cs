namespace Kaffediem.Benchmarks.Linux;

/// <summary>How many files, and so sockets, a process may have open.</summary>
internal static unsafe class FileLimit
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    // Libraries, epoll, the database, the connections that post.
    private const int Others = 500;

    /// <summary>
    /// Refuses what cannot work. .NET has raised the soft limit to the hard one by itself, here and in every server.
    /// </summary>
    /// <exception cref="InvalidOperationException">The hard limit is too low.</exception>
    public static void Require(int connections)
    {
        var limits = stackalloc ulong[2];
        if (Libc.GetResourceLimit(OpenFiles, limits) == 0 && limits[0] < (ulong)(connections + Others))
        {
            throw new InvalidOperationException(
                $"{connections} connections need {connections + Others} open files, but a process may have "
                + $"{limits[0]}: "
                + "raise the hard limit (ulimit -Hn, or LimitNOFILE of the service), or leave the large rows out with "
                + "--only.");
        }
    }
}
