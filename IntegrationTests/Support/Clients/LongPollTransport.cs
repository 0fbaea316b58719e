namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>
/// Sends and polls like phoenix.js over long-poll: one poll and one POST at a time. In V1 (up to 1.6) a POST has one
/// message, in V2 all that were queued since the last.
/// </summary>
internal sealed class LongPollTransport(LongPollClient client, int version) : IClientTransport
{
    private const int MaxBatch = 100;

    // Guards _unsent and _isSending.
    private readonly Lock _lock = new();
    private readonly Queue<string> _unsent = new();
    private readonly Queue<string> _received = new();
    private bool _isSending;
    private Task _sending = Task.CompletedTask;

    /// <summary>Does not wait for the answer, as no WebSocket client does.</summary>
    public Task SendTextAsync(params IReadOnlyList<string> texts)
    {
        lock (_lock)
        {
            foreach (var text in texts)
            {
                _unsent.Enqueue(text);
            }

            if (!_isSending)
            {
                _isSending = true;
                _sending = SendAllAsync();
            }
        }

        return Task.CompletedTask;
    }

    public async Task<string> ReadTextAsync()
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (_received.Count == 0)
        {
            var answer = await client.PollAsync(patience.Token);
            Assert.True(answer.Status is 200 or 204, $"{answer.Body}, sending: {_sending.Status} {_sending.Exception}");
            foreach (var message in answer.Messages)
            {
                _received.Enqueue(message);
            }
        }

        return _received.Dequeue();
    }

    // Long-poll has no close codes: the session has ended, and the next poll opens another.
    public async Task AssertEndAsync(int closeCode)
    {
        await _sending;
        using var patience = new CancellationTokenSource(Patience.Limit);
        var answer = await client.PollAsync(patience.Token);
        while (answer.Status is 200 or 204)
        {
            answer = await client.PollAsync(patience.Token);
        }

        Assert.Equal(410, answer.Status);
    }

    public void Dispose() => client.Dispose();

    private async Task SendAllAsync()
    {
        while (TakeBatch() is { Count: > 0 } batch)
        {
            var answer = version == 2
                ? await client.PostAsync(batch)
                : await client.PostBodyAsync(batch.Single(), "application/json");
            Assert.True(answer.Status is 200 or 410, answer.Body); // 410: the session has ended
        }
    }

    private List<string> TakeBatch()
    {
        lock (_lock)
        {
            List<string> batch = [];
            while (batch.Count < (version == 2 ? MaxBatch : 1) && _unsent.TryDequeue(out var text))
            {
                batch.Add(text);
            }

            _isSending = batch.Count > 0;
            return batch;
        }
    }
}
