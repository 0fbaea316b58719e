using Kaffediem.Persistence;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Protocol;
using Kaffediem.Server.Identity;

namespace Kaffediem.Server.Admission;

/// <summary>
/// The door for all long reads: lists, snapshots, replays (docs/design.md, "Admission"). Signed-in users have a lane of
/// their own; the reads of other clients wait for their address's turn. Nothing is read for a client that has left.
/// </summary>
internal sealed partial class LongReads
{
    private readonly Database _database;
    private readonly Callers _callers;
    private readonly LogThrottle _throttle;
    private readonly ILogger _logger;
    private readonly Dictionary<ReadLane, ReadQueue> _queues;
    private readonly UnsentBudgets _unsent;

    public LongReads(
        Database database, Callers callers, ReadOptions options, TimeProvider time, ILogger<LongReads> logger)
    {
        (_database, _callers, _logger) = (database, callers, logger);
        _throttle = new LogThrottle(time);
        _queues = Enum.GetValues<ReadLane>().ToDictionary(lane => lane, lane => lane == ReadLane.Prompt
            // No line: these reads are small and share their turns with sessions and health.
            ? new ReadQueue(int.MaxValue, int.MaxValue, int.MaxValue, TaskCreationOptions.None)
            : new ReadQueue(
                database.TurnsOf(lane),
                options.MaxWaiting,
                options.MaxWaitingPerAddress,
                TaskCreationOptions.LongRunning));
        _unsent = new UnsentBudgets(options, time);
    }

    /// <summary>The line of a lane.</summary>
    public ReadQueue QueueOf(ReadLane lane) => _queues[lane];

    /// <summary>The unsent answers for users, or for all other clients.</summary>
    public UnsentAnswers UnsentOf(Asker asker) => _unsent.Of(asker);

    /// <summary>The asker that a request's reads are counted for.</summary>
    public async Task<Asker> FindAskerAsync(HttpContext context) =>
        Asker.Of(await _callers.FindAsync(context), context.Connection.RemoteIpAddress);

    /// <summary>Runs a long read for a request, at its turn. The end of the request cancels it.</summary>
    /// <exception cref="ReadRefusedException">A budget is used up.</exception>
    public async Task<T> ReadAsync<T>(HttpContext context, Func<ReadTransaction, T> query) =>
        await ReadAsync(await FindAskerAsync(context), query, context.RequestAborted);

    /// <summary>Runs a long read for an asker, at its turn.</summary>
    /// <exception cref="ReadRefusedException">A budget is used up.</exception>
    public async Task<T> ReadAsync<T>(
        Asker asker, Func<ReadTransaction, T> query, CancellationToken cancellationToken)
    {
        var read = Plan(asker.BulkLane, query);
        TryJoin(read, asker);
        return await read.WaitAsync(cancellationToken);
    }

    /// <summary>A read that begins at the turn of an asker that has joined it.</summary>
    /// <param name="lane">Its lane.</param>
    /// <param name="query">Reads the result.</param>
    /// <param name="onRead">Called with the result and the asker whose turn it was, before any client gets it.</param>
    public AwaitedRead<T> Plan<T>(ReadLane lane, Func<ReadTransaction, T> query, Action<Asker, T>? onRead = null) =>
        new(_queues[lane], async (asker, cancellationToken) =>
        {
            if (lane != ReadLane.Prompt)
            {
                RefuseIfFull(asker);
            }

            var result = await _database.ReadAsync(lane, query, cancellationToken);
            onRead?.Invoke(asker, result);
            return result;
        });

    /// <inheritdoc cref="AwaitedRead{T}.TryJoin"/>
    public bool TryJoin<T>(AwaitedRead<T> read, Asker asker)
    {
        try
        {
            return read.TryJoin(asker);
        }
        catch (ReadRefusedException refused)
        {
            LogRefusal(asker, refused);
            throw;
        }
    }

    /// <inheritdoc cref="UnsentAnswers.RefuseIfFull"/>
    public void RefuseIfFull(Asker asker)
    {
        try
        {
            UnsentOf(asker).RefuseIfFull(asker);
        }
        catch (ReadRefusedException refused)
        {
            LogRefusal(asker, refused);
            throw;
        }
    }

    private void LogRefusal(Asker asker, ReadRefusedException refused)
    {
        if (_throttle.Allows(refused.Message, out var leftOut))
        {
            Log.Refused(_logger, asker, refused.Message, leftOut);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "A long read for {Asker} was refused: {Reason}. Refusals not logged since the last line: {LeftOut}")]
        public static partial void Refused(ILogger logger, Asker asker, string reason, int leftOut);
    }
}
