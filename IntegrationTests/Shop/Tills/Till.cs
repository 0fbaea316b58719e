using System.Net.Sockets;
using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Shop.Tills;

/// <summary>
/// A till: places orders, changes and deletes them, and writes messages. It does one write at a time, so that at most
/// one is in doubt when the server dies; it retries that one with the same uuid or key.
/// </summary>
/// <param name="number">The till's number.</param>
/// <param name="seed">Decides, with the number, what it does.</param>
/// <param name="server">The server's address; the server may be down.</param>
/// <param name="history">Records its writes and their acknowledgements.</param>
internal sealed class Till(int number, ulong seed, Uri server, ShopHistory? history = null) : IDisposable
{
    private const int Many = 12;
    private const int SerialsPerTill = 1_000_000;

    // A new connection for each write: on a used one, HttpClient would itself retry a lost request.
    private readonly RestClient _client = new(server) { Headers = { ConnectionClose = history is not null } };
    private readonly SeededRandom _random = SeededRandom.Of(seed, "till", number);
    private readonly List<long> _orders = [];
    private readonly List<long> _messages = [];
    private readonly List<ShopWrite> _acknowledged = [];
    private long _written;
    private bool? _isReplay = false; // null: unknown
    private int _serial = number * SerialsPerTill;

    /// <summary>Its name in a history.</summary>
    public string Name => $"till {number}";

    /// <summary>The acknowledged writes since <see cref="Forget"/> or <see cref="Settle"/>.</summary>
    public IReadOnlyList<ShopWrite> Acknowledged => _acknowledged;

    /// <summary>How many writes were acknowledged.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>How many customers its orders have; <c>null</c>: a new one for every write.</summary>
    public int? Customers { get; init; }

    /// <summary>The write that was sent and not acknowledged.</summary>
    public ShopWrite? InDoubt { get; private set; }

    /// <summary>Signs in, where writes need it.</summary>
    public async Task SignInAsync(string email, string password) =>
        (await _client.SignInAsync(email, password)).Is(200);

    /// <summary>Writes until a write is not answered, or it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && await WriteAsync())
        {
        }
    }

    /// <summary>Does one write: the one in doubt, or the next.</summary>
    /// <returns>Whether it was answered.</returns>
    public async Task<bool> WriteAsync()
    {
        var write = InDoubt ??= Choose();
        RestAnswer answer;
        history?.Add(new WriteRequested(Name, write));
        try
        {
            (string, string)[] headers = write.IdempotencyKey is { } key ? [("Idempotency-Key", key)] : [];
            answer = await _client.SendAsync(write.Method, write.Path, write.Body, headers);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return false;
        }

        Take(write, answer);
        return true;
    }

    /// <summary>Drops the acknowledged writes: nobody will ask for them.</summary>
    public void Forget() => _acknowledged.Clear();

    /// <summary>After a crash: the outcome of the write in doubt is known now, and it is dropped or retried.</summary>
    public void Settle(Func<ShopWrite, bool> isWritten)
    {
        _acknowledged.Clear();
        if (InDoubt is { Method: "POST" } post)
        {
            _isReplay = isWritten(post);
        }
        else if (InDoubt is { Method: "PATCH" } || (InDoubt is { Method: "DELETE" } delete && isWritten(delete)))
        {
            InDoubt = null;
        }
    }

    /// <summary>
    /// The answer was lost, and the server may still be executing the write: it is retried if it can be, otherwise
    /// dropped.
    /// </summary>
    public void GiveUp() =>
        (InDoubt, _isReplay) = InDoubt is { Method: "POST" } post ? (post, (bool?)null) : (null, false);

    /// <summary>Waits until a write that begins from now on is acknowledged.</summary>
    public Task GetOnAsync()
    {
        var enough = Written + 2; // the next one may have been answered already
        return Polling.UntilAsync(() => Written >= enough, Patience.ForTimeouts);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Whether a request failed because the server or the connection is down.</summary>
    public static bool IsLoss(Exception exception) =>
        // HttpClient does not wrap the socket's exception if the connection is cut off just after it was made.
        exception is HttpRequestException or IOException or SocketException;

    private static string PathOf(string collection) => $"/api/collections/{collection}/records";

    private void Take(ShopWrite write, RestAnswer answer)
    {
        var expected = write.Method switch { "POST" => 201, "PATCH" => 200, _ => 204 };
        Assert.True(answer.Status == expected, $"{write}: {answer.Status} {answer.Text}");
        // A write that is in the database was committed before the crash, so the retry must be a replay.
        var isRetry = answer.Header("Idempotency-Replayed") == "true";
        Assert.True(isRetry == (_isReplay ?? isRetry), $"{write}: replayed: {isRetry}");
        _acknowledged.Add(write with { Record = answer.Text });
        history?.Add(new WriteAcknowledged(Name, _acknowledged[^1]));
        (InDoubt, _isReplay) = (null, false);
        if (write.Method == "POST")
        {
            (write.IdempotencyKey is null ? _orders : _messages).Add(answer.Json.GetProperty("id").GetInt64());
        }

        Interlocked.Increment(ref _written);
    }

    private ShopWrite Choose() => (_random.Below(10), _orders.Count, _messages.Count) switch
    {
        ( < 4, < Many, _) => Place(),
        ( < 7, > 0, _) => Change(),
        ( < 8, _, < Many) => Announce(),
        (8, _, > 0) => Delete("message", _messages),
        (_, > 0, _) => Delete("order", _orders),
        _ => Place(),
    };

    private ShopWrite Place()
    {
        var uuid = new Guid(_random.Bytes(16)).ToString();
        var body = $$"""{"uuid":"{{uuid}}","customer_id":{{Customer(++_serial)}},"items":[{"item":1}]}""";
        return new ShopWrite($"create order {uuid}", "POST", PathOf("order"), body);
    }

    private ShopWrite Change()
    {
        var state = _random.Pick("received", "production", "completed", "dispatched");
        var body = $$"""{"state":"{{state}}","customer_id":{{Customer(++_serial)}}}""";
        return new ShopWrite($"update order {_serial}", "PATCH", $"{PathOf("order")}/{Pick(_orders)}", body);
    }

    private ShopWrite Announce() => new(
        $"create message {++_serial}", "POST", PathOf("message"), $$"""{"title":"{{_serial}}"}""", $"{_serial}");

    private ShopWrite Delete(string collection, List<long> ids)
    {
        var id = Pick(ids);
        ids.Remove(id);
        return new ShopWrite($"delete {collection} {id}", "DELETE", $"{PathOf(collection)}/{id}");
    }

    private int Customer(int serial) => Customers is { } many ? 1 + _random.Below(many) : serial;

    private long Pick(List<long> ids) => ids[_random.Below(ids.Count)];
}
