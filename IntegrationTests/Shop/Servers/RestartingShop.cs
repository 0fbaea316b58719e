using System.Net;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Shop.Servers;

/// <summary>
/// A server that is stopped and started again on the same file while clients go on, and many concurrent writes to it.
/// </summary>
internal sealed class RestartingShop : IAsyncDisposable
{
    /// <summary>Few, so that some are pruned.</summary>
    public const int KeptChanges = 3000;

    private const int MaxWritesAtOnce = 32;

    private readonly ShopFolder _folder = new();
    private readonly SemaphoreSlim _turns = new(MaxWritesAtOnce);
    private readonly List<Task> _writes = [];
    private readonly List<RestClient> _clients = [];
    private readonly string _timeZone;
    private readonly Faults _faults;
    private volatile TaskCompletionSource<KaffediemServer> _open = Closed();
    private volatile int _opening;

    public RestartingShop(string timeZone, ShopClock clock, Faults faults)
    {
        (_timeZone, _faults, Clock) = (timeZone, faults, clock);
        Calendar = new ShopCalendar(timeZone);
        _open.SetResult(Start());
    }

    public ShopClock Clock { get; }

    public ShopCalendar Calendar { get; }

    /// <summary>When the current day began.</summary>
    public DateTimeOffset DayStart => Calendar.StartOf(Calendar.DayOf(Clock.GetUtcNow()));

    public Database Database => _open.Task.Result.Services.GetRequiredService<Database>();

    /// <summary>Whether it was stopped, or began to stop, after an opening.</summary>
    public bool HasClosedSince(int opening) => _opening != opening || !_open.Task.IsCompleted;

    /// <summary>Connects as soon as it is open.</summary>
    public async Task<(ScreenLine Line, int Opening)> ConnectAsync(Wire wire)
    {
        while (true)
        {
            var server = await _open.Task;
            var opening = _opening;
            if (await ScreenLine.TryOpenAsync(server.BaseAddress, wire) is { } line)
            {
                return (line, opening);
            }

            Assert.True(HasClosedSince(opening), "An open shop accepts every connection.");
        }
    }

    /// <summary>Writes as soon as there is a free slot; does not wait for the answer.</summary>
    /// <param name="write">The request, once the needed ids are known; <c>null</c>: none.</param>
    /// <param name="expected">The allowed statuses.</param>
    /// <returns>The new record's id, if the answer has one.</returns>
    public async Task<Task<long?>> WriteAsync(
        Func<Task<(string Method, string Path, string? Body)?>> write, params HttpStatusCode[] expected)
    {
        await _turns.WaitAsync();
        var task = Task.Run(() => SendAsync(write, expected));
        _writes.Add(task);
        return task;
    }

    /// <summary>Completes when all writes are answered.</summary>
    public async Task WrittenAsync()
    {
        await Task.WhenAll(_writes);
        _writes.Clear();
    }

    /// <summary>The records of a collection.</summary>
    public Task<RecordList> ListAsync(string collection, string query) =>
        RecordList.ReadAsync(_clients[^1], collection, query);

    /// <summary>Stops at any moment and starts again.</summary>
    public async Task RestartAsync()
    {
        var server = await _open.Task;
        _open = Closed();
        await server.StopAsync();
        var next = Start();
        Interlocked.Increment(ref _opening);
        _open.SetResult(next);
    }

    public async ValueTask DisposeAsync()
    {
        await (await _open.Task).DisposeAsync();
        _clients.ForEach(client => client.Dispose());
        _folder.Dispose();
    }

    private static TaskCompletionSource<KaffediemServer> Closed() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private KaffediemServer Start()
    {
        var server = KaffediemServer.Start(new ServerSetup
        {
            DatabasePath = _folder.Database,
            Settings = new()
            {
                ["Database:FullSync"] = "false",
                ["Database:KeepChanges"] = $"{KeptChanges}",
                ["Database:KeepChangesFor"] = "3.00:00:00",
                ["Orders:TimeZone"] = _timeZone,
            },
            ConfigureServices = services => services.AddSingleton<TimeProvider>(Clock),
        });
        _clients.Add(server.CreateClient());
        return server;
    }

    private async Task<long?> SendAsync(
        Func<Task<(string Method, string Path, string? Body)?>> write, HttpStatusCode[] expected)
    {
        try
        {
            if (await write() is not { } request)
            {
                return null;
            }

            await _open.Task;
            return await SendAsync(request.Method, $"/api/collections/{request.Path}", request.Body, expected);
        }
        catch (Exception exception)
        {
            _faults.Add($"A write failed: {exception}");
            return null;
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task<long?> SendAsync(string method, string path, string? body, HttpStatusCode[] expected)
    {
        var opening = _opening;
        try
        {
            var answer = await _clients[^1].SendAsync(method, path, body);
            Assert.True(
                expected.Contains((HttpStatusCode)answer.Status),
                $"{method} {path} {body}: {answer.Status} {answer.Text}");
            return answer.Status == 201 ? answer.Json.GetProperty("id").GetInt64() : null;
        }
        catch (HttpRequestException) when (HasClosedSince(opening))
        {
            return null; // the write may have been committed or not: the database knows
        }
    }
}
