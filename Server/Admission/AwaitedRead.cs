namespace Kaffediem.Server.Admission;

/// <summary>
/// A read that one or many wait for. It is begun at the first turn of any of their addresses; when the last of them has
/// left it is not begun any more, or interrupted.
/// </summary>
internal sealed class AwaitedRead<T>(ReadQueue queue, Func<Asker, CancellationToken, Task<T>> read) : QueuedRead
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its result, for those who have joined.</summary>
    public Task<T> Result => _result.Task;

    /// <summary>Adds a waiter, who must then call <see cref="WaitAsync"/>.</summary>
    /// <returns><c>false</c> when it is too late: everyone else has left.</returns>
    /// <exception cref="ReadRefusedException">As many reads wait as may.</exception>
    public bool TryJoin(Asker asker) => queue.TryJoin(this, asker);

    /// <summary>Waits for the result, and then leaves.</summary>
    public async Task<T> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Result.WaitAsync(cancellationToken);
        }
        finally
        {
            queue.Leave(this);
        }
    }

    protected override async Task RunAsync(Asker asker, CancellationToken cancellationToken)
    {
        try
        {
            _result.SetResult(await read(asker, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            _result.SetCanceled(cancellationToken);
        }
        catch (Exception exception)
        {
            _result.SetException(exception);
        }
    }
}
