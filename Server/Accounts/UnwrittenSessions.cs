using Kaffediem.Persistence.Accounts;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// Sessions that the server began without a sign-in. Each is written when its cookie comes back for the first time, so
/// that clients without cookies leave nothing in the database, however often they ask. Their number is bounded; when
/// there are too many, the oldest is dropped. Thread-safe.
/// </summary>
internal sealed class UnwrittenSessions(SessionStore sessions, TimeProvider time)
{
    private const int Capacity = 256;

    // Guards _begun, for one look and one change. The keys are the tokens' hashes, in base64.
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, Lazy<Task<bool>>> _begun = [];

    /// <summary>Begins a session.</summary>
    public void Add(byte[] tokenHash, User user, DateTimeOffset expires)
    {
        // Requests that bring the cookie at the same time wait for one write, which none of them may cancel.
        var write = new Lazy<Task<bool>>(
            () => sessions.CreateAsync(tokenHash, user, expires, device: null, CancellationToken.None));
        lock (_lock)
        {
            if (_begun.Count >= Capacity)
            {
                _begun.RemoveAt(0);
            }

            _begun[Convert.ToBase64String(tokenHash)] = write;
        }
    }

    /// <summary>The user of a session that was begun here, which is now written; otherwise <c>null</c>.</summary>
    public async Task<User?> FindUserAsync(byte[] tokenHash, CancellationToken cancellationToken)
    {
        Lazy<Task<bool>>? write;
        lock (_lock)
        {
            write = _begun.GetValueOrDefault(Convert.ToBase64String(tokenHash));
        }

        // Once written, the database decides: another program may have ended the session.
        return write is not null && await WriteAsync(tokenHash, write).WaitAsync(cancellationToken)
            ? await sessions.FindUserAsync(tokenHash, time.GetUtcNow(), cancellationToken)
            : null;
    }

    /// <summary>Forgets a session.</summary>
    public void Remove(byte[] tokenHash)
    {
        lock (_lock)
        {
            _begun.Remove(Convert.ToBase64String(tokenHash));
        }
    }

    private async Task<bool> WriteAsync(byte[] tokenHash, Lazy<Task<bool>> write)
    {
        try
        {
            return await write.Value;
        }
        catch
        {
            // The disk failed. The next request begins another session.
            Remove(tokenHash);
            throw;
        }
    }
}
