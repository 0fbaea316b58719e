using System.Net.Sockets;
using Kaffediem.IntegrationTests.Protocol.Fuzz;
using Kaffediem.IntegrationTests.Reliability.History;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability;

/// <summary>
/// Somebody who writes: places orders, changes their state, deletes them, and messages. One write at a time, so that of
/// each till at most one is in doubt when the server dies; that one it sends again, with the same uuid or key.
/// </summary>
/// <param name="number">Which till it is.</param>
/// <param name="random">What it does.</param>
/// <param name="server">Where the server is, whenever it is.</param>
/// <param name="history">Where to note what it asks for and is answered.</param>
internal sealed class Till(int number, FuzzRandom random, Uri server, ShopHistory? history = null) : IDisposable
{
    private const int Many = 12;
    private const int SerialsPerTill = 1_000_000;

    // With a connection for each write: on one that was used before, the client would by itself send again what was
    // lost.
    private readonly RestClient _client = new(server) { Headers = { ConnectionClose = history is not null } };
    private readonly List<long> _orders = [];
    private readonly List<long> _messages = [];
    private readonly List<ShopWrite> _acknowledged = [];
    private bool? _isReplay = false; // null: it is not known
    private int _serial = number * SerialsPerTill;

    /// <summary>What it is called in a history.</summary>
    public string Name => $"till {number}";

    /// <summary>What was acknowledged since it was taken last.</summary>
    public IReadOnlyList<ShopWrite> Acknowledged => _acknowledged;

    /// <summary>Called after each acknowledgement.</summary>
    public Action? Acknowledges { get; init; }

    /// <summary>Orders are of that many customers; <c>null</c>: every write is of another.</summary>
    public int? Customers { get; init; }

    /// <summary>What was asked for and not answered.</summary>
    public ShopWrite? InDoubt { get; private set; }

    /// <summary>Signs in, where writes need it.</summary>
    public async Task SignInAsync(string email, string password) =>
        (await _client.SignInAsync(email, password)).Is(200);

    /// <summary>Writes until it is not answered, or told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && await WriteAsync())
        {
        }
    }

    /// <summary>Writes one thing: what is in doubt, or the next.</summary>
    /// <returns>Whether it was answered.</returns>
    public async Task<bool> WriteAsync()
    {
        var write = InDoubt ??= Choose();
        RestAnswer answer;
        history?.Add(new WriteAsked(Name, write));
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

    /// <summary>There will be no crash: nobody asks what was acknowledged.</summary>
    public void Forget() => _acknowledged.Clear();

    /// <summary>After a crash: whether it was written is known now, and what it was is over, or sent again.</summary>
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
    /// The answer was lost, and the server may still be at it: what can be sent again will be, the rest is left.
    /// </summary>
    public void GiveUp() =>
        (InDoubt, _isReplay) = InDoubt is { Method: "POST" } post ? (post, (bool?)null) : (null, false);

    public void Dispose() => _client.Dispose();

    /// <summary>Whether a request has failed because the server or the connection is gone.</summary>
    public static bool IsLoss(Exception exception) =>
        // HttpClient lets the socket's own through when it is cut off in the moment after it has connected.
        exception is HttpRequestException or IOException or SocketException;

    private static string PathOf(string collection) => $"/api/collections/{collection}/records";

    private void Take(ShopWrite write, RestAnswer answer)
    {
        var expected = write.Method switch { "POST" => 201, "PATCH" => 200, _ => 204 };
        Assert.True(answer.Status == expected, $"{write}: {answer.Status} {answer.Text}");
        // What is in the database was placed before the crash, and what is not was not.
        var isRetry = answer.Header("Idempotency-Replayed") == "true";
        Assert.True(isRetry == (_isReplay ?? isRetry), $"{write}: replayed: {isRetry}");
        _acknowledged.Add(write with { Record = answer.Text });
        history?.Add(new WriteAcknowledged(Name, _acknowledged[^1]));
        (InDoubt, _isReplay) = (null, false);
        if (write.Method == "POST")
        {
            (write.IdempotencyKey is null ? _orders : _messages).Add(answer.Json.GetProperty("id").GetInt64());
        }

        Acknowledges?.Invoke();
    }

    private ShopWrite Choose() => (random.Below(10), _orders.Count, _messages.Count) switch
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
        var uuid = new Guid(random.Bytes(16)).ToString();
        var body = $$"""{"uuid":"{{uuid}}","customer_id":{{Customer(++_serial)}},"items":[{"item":1}]}""";
        return new ShopWrite($"create order {uuid}", "POST", PathOf("order"), body);
    }

    private ShopWrite Change()
    {
        var state = random.Pick("received", "production", "completed", "dispatched");
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

    private int Customer(int serial) => Customers is { } many ? 1 + random.Below(many) : serial;

    private long Pick(List<long> ids) => ids[random.Below(ids.Count)];
}
