using Kaffediem.Persistence;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Protocol;
using Kaffediem.Server.Accounts;

namespace Kaffediem.Server.Admission;

/// <summary>
/// The door of all long reads: lists, snapshots, replays (docs/design.md, "Admission"). Signed-in users have a lane of
/// their own; everybody else's reads wait for their address's turn. Nothing is read for a client that has left.
/// </summary>
internal sealed partial class LongReads
{
    private readonly Database _database;
    private readonly CookieSession _sessions;
    private readonly LogThrottle _throttle;
    private readonly ILogger _logger;
    private readonly Dictionary<ReadLane, ReadQueue> _queues;
    private readonly UnsentBudgets _unsent;

    public LongReads(
        Database database, CookieSession sessions, ReadOptions options, TimeProvider time, ILogger<LongReads> logger)
    {
        (_database, _sessions, _logger) = (database, sessions, logger);
        _throttle = new LogThrottle(time);
        _queues = Enum.GetValues<ReadLane>().ToDictionary(lane => lane, lane => lane == ReadLane.Prompt
            // No line: what is read there is small, and shares its turns with sessions and health.
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

    /// <summary>The answers of users, or of everybody else, that wait to be sent.</summary>
    public UnsentAnswers UnsentOf(Asker asker) => _unsent.Of(asker);

    /// <summary>For whom a request is.</summary>
    public async Task<Asker> FindAskerAsync(HttpContext context) =>
        await _sessions.FindUserAsync(context) is { } user
            ? Asker.OfUser(user.Id)
            : Asker.OfStranger(context.Connection.RemoteIpAddress);

    /// <summary>Runs a long read for a request, at its turn. The transaction's token ends with the request.</summary>
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

    /// <summary>A read that is begun at the turn of an asker who has joined it.</summary>
    /// <param name="lane">Its lane.</param>
    /// <param name="query">What to read.</param>
    /// <param name="onRead">Called with the result, and the asker whose turn it was, before anyone gets it.</param>
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
        if (_throttle.TryTake(refused.Message, out var leftOut))
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
