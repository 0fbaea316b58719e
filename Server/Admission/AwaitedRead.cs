namespace Kaffediem.Server.Admission;

/// <summary>
/// A read that one or many clients wait for. It begins at the first turn of any of their addresses. When the last
/// client has left, it is interrupted, or never begins.
/// </summary>
internal sealed class AwaitedRead<T>(ReadQueue queue, Func<Asker, CancellationToken, Task<T>> read) : QueuedRead
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The result, for clients that have joined.</summary>
    public Task<T> Result => _result.Task;

    /// <summary>Adds a client, which must then call <see cref="WaitAsync"/>.</summary>
    /// <returns><c>false</c> if it is too late, because all others have left.</returns>
    /// <exception cref="ReadRefusedException">Too many reads wait already.</exception>
    public bool TryJoin(Asker asker) => queue.TryJoin(this, asker);

    /// <summary>Waits for the result, then leaves.</summary>
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
