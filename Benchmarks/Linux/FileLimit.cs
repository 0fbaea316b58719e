namespace Kaffediem.Benchmarks.Linux;

/// <summary>The limit of open files, and so of sockets, of a process.</summary>
internal static unsafe class FileLimit
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    // For libraries, epoll, the database and the posting connections.
    private const int Others = 500;

    /// <summary>
    /// Refuses more connections than the hard limit allows. .NET raises the soft limit to the hard one at start-up, in
    /// this process and in every server.
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
                + "raise the hard limit (ulimit -Hn, or LimitNOFILE of the service), or leave out the large "
                + "scenarios with --only.");
        }
    }
}
