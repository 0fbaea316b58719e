using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Writing;

/// <summary>One call of <see cref="Database.WriteAsync"/> on its way through the writer.</summary>
internal abstract class WriteRequest(CancellationToken cancellationToken)
{
    /// <summary>
    /// Whether the caller gave up while the request was queued. A request that has begun runs to its end.
    /// </summary>
    public bool IsCancelled => cancellationToken.IsCancellationRequested;

    protected CancellationToken CancellationToken => cancellationToken;

    /// <summary>Runs the work and keeps its result until <see cref="Acknowledge"/>.</summary>
    public abstract IReadOnlyList<NewChange> Run(WriteTransaction transaction);

    /// <summary>Gives the caller the result, after the commit.</summary>
    public abstract void Acknowledge();

    /// <summary>Gives the caller the failure: nothing was written.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>Ends the call as cancelled: nothing was written.</summary>
    public abstract void Cancel();
}

/// <inheritdoc cref="WriteRequest"/>
internal sealed class WriteRequest<T>(Func<WriteTransaction, Written<T>> work, CancellationToken cancellationToken)
    : WriteRequest(cancellationToken)
{
    // The callers' code must not run on the writer's thread.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Written<T> _written;

    public Task<T> Completion => _completion.Task;

    public override IReadOnlyList<NewChange> Run(WriteTransaction transaction)
    {
        _written = work(transaction);
        return _written.Changes;
    }

    public override void Acknowledge() => _completion.SetResult(_written.Result);

    public override void Fail(Exception exception) => _completion.SetException(exception);

    public override void Cancel() => _completion.SetCanceled(CancellationToken);
}
