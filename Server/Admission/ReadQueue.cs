namespace Kaffediem.Server.Admission;

/// <summary>
/// The line in front of a lane's readers. Every asker has a queue of its own, and the queues take turns, so that an
/// asker of a thousand reads delays only itself. Bounded per asker and in total. A read that many share counts once.
/// </summary>
/// <param name="turns">How many reads run at the same time.</param>
/// <param name="maxWaiting">How many reads may wait.</param>
/// <param name="maxWaitingPerAsker">How many reads may wait for one asker.</param>
/// <param name="creationOptions">
/// How the reads run: long ones on threads of their own (<see cref="TaskCreationOptions.LongRunning"/>). The thread
/// pool has as many threads as the machine has cores and is slow to add more, so a few long reads on it would stop
/// every request.
/// </param>
internal sealed class ReadQueue(int turns, int maxWaiting, int maxWaitingPerAsker, TaskCreationOptions creationOptions)
{
    private const string Full = "too many long reads are waiting; try again in a second";

    // Guards everything, including the state of the reads, for a few instructions at a time. No other lock is acquired
    // and no other code runs under it.
    private readonly Lock _lock = new();
    private readonly Dictionary<Asker, AskerQueue> _queues = [];

    // The queues that are not empty; the next one comes first.
    private readonly LinkedList<AskerQueue> _order = new();
    private int _free = turns;
    private int _waiting;
    private long _begun;

    /// <summary>How many reads wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting;
            }
        }
    }

    /// <summary>How many reads have begun since the start.</summary>
    public long Begun
    {
        get
        {
            lock (_lock)
            {
                return _begun;
            }
        }
    }

    /// <inheritdoc cref="AwaitedRead{T}.TryJoin"/>
    public bool TryJoin(QueuedRead read, Asker asker)
    {
        lock (_lock)
        {
            if (read.IsGivenUp)
            {
                return false;
            }

            if (!read.HasBegun)
            {
                Enqueue(read, asker);
            }

            read.Waiters++;
            BeginNext();
            return true;
        }
    }

    /// <summary>A client has left.</summary>
    public void Leave(QueuedRead read)
    {
        lock (_lock)
        {
            if (--read.Waiters > 0 || read.IsFinished)
            {
                return;
            }

            read.IsGivenUp = true;
            Dequeue(read);
        }

        read.GiveUp();
    }

    private void Enqueue(QueuedRead read, Asker asker)
    {
        if (!_queues.TryGetValue(asker, out var queue))
        {
            queue = new AskerQueue(asker);
        }

        if (read.Places.ContainsKey(queue))
        {
            return;
        }

        var isNew = read.Places.Count == 0;
        if (queue.Reads.Count >= maxWaitingPerAsker || (isNew && _waiting >= maxWaiting))
        {
            throw new ReadRefusedException(Full);
        }

        if (queue.Reads.Count == 0)
        {
            _queues.Add(asker, queue);
            queue.Place = _order.AddLast(queue);
        }

        read.Places.Add(queue, queue.Reads.AddLast(read));
        _waiting += isNew ? 1 : 0;
    }

    private void Dequeue(QueuedRead read)
    {
        if (read.Places.Count == 0)
        {
            return;
        }

        foreach (var (queue, place) in read.Places)
        {
            queue.Reads.Remove(place);
            if (queue.Reads.Count == 0)
            {
                _queues.Remove(queue.Asker);
                _order.Remove(queue.Place!); // set since its first read came
            }
        }

        read.Places.Clear();
        _waiting--;
    }

    private void BeginNext()
    {
        while (TakeNext() is { } turn)
        {
            _ = Task.Factory.StartNew(
                () => RunAsync(turn), CancellationToken.None, creationOptions, TaskScheduler.Default);
        }
    }

    private Turn? TakeNext()
    {
        if (_free == 0 || _order.First is not { Value: var queue } place)
        {
            return null;
        }

        _order.Remove(place);
        _order.AddLast(place);
        var read = queue.Reads.First!.Value; // queues in _order are not empty
        Dequeue(read);
        read.HasBegun = true;
        _free--;
        _begun++;
        return new Turn(read, queue.Asker);
    }

    // Runs a read and then the next ones, so that a thread serves many.
    private async Task RunAsync(Turn first)
    {
        for (Turn? turn = first; turn is not null;)
        {
            await turn.Read.RunAsync(turn.Asker);
            lock (_lock)
            {
                turn.Read.IsFinished = true;
                _free++;
                turn = TakeNext();
            }
        }
    }

    private sealed record Turn(QueuedRead Read, Asker Asker);
}
