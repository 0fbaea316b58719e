using System.Text;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Transactions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>A database file for one test, with virtual time. A logged error fails the test when it ends.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");
    private readonly LogVerifier _logs = new();
    private readonly Lock _opening = new();
    private Database? _database;

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static string SamplePath => System.IO.Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public string Path => System.IO.Path.Combine(_folder.FullName, "test.db");

    public string TimeZone { get; init; } = "UTC";

    public long KeepChanges { get; init; } = 1_000_000;

    public bool FullSync { get; init; } = true;

    public int ReadConnections { get; init; } = 4;

    public int MaxQueuedWrites { get; init; } = 10_000;

    public int MaxBatch { get; init; } = 256;

    public bool ExpectsErrors { get; init; }

    public int ErrorCount => _logs.Count("");

    /// <summary>The database, opened at the first use.</summary>
    public Database Database
    {
        get
        {
            // Some tests use the database from many threads at once.
            lock (_opening)
            {
                return _database ??= Open();
            }
        }
    }

    public TestRecords<Category, CategoryDraft, CategoryPatch> Categories => new(Database, new CategoryStore());

    public TestRecords<Item, ItemDraft, ItemPatch> Items => new(Database, new ItemStore());

    public TestRecords<CustomizationKey, CustomizationKeyDraft, CustomizationKeyPatch> Keys =>
        new(Database, new CustomizationKeyStore());

    public TestRecords<CustomizationValue, CustomizationValueDraft, CustomizationValuePatch> Values =>
        new(Database, new CustomizationValueStore());

    public TestRecords<Notice, NoticeDraft, NoticePatch> Notices => new(Database, new NoticeStore());

    public TestRecords<Status, StatusDraft, StatusPatch> Statuses => new(Database, new StatusStore());

    public TestRecords<Order, OrderDraft, OrderPatch> Orders => new(Database, OrderStore);

    public OrderStore OrderStore => new(Database, new ShopDays(new OrderOptions { TimeZone = TimeZone }), Time);

    public UserStore Users => new(Database);

    public SessionStore Sessions => new(Database);

    public static TestDatabase WithSample(bool expectsErrors = false)
    {
        var test = new TestDatabase { ExpectsErrors = expectsErrors };
        File.Copy(SamplePath, test.Path);
        return test;
    }

    public Database Open() => Database.Open(
        new DatabaseOptions
        {
            Path = Path,
            FullSync = FullSync,
            ReadConnections = ReadConnections,
            MaxQueuedWrites = MaxQueuedWrites,
            MaxBatch = MaxBatch,
            KeepChanges = KeepChanges,
        },
        Time,
        new LoggerFactory([_logs]).CreateLogger<Database>());

    public async Task CloseAsync()
    {
        await Database.DisposeAsync();
        _database = null;
    }

    /// <summary>Reads as the server does.</summary>
    public Task<T> ReadAsync<T>(Func<ReadTransaction, T> read) => Database.ReadAsync(read, Token);

    /// <summary>Lists the orders that pass the filter, as the server does.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="orders">The store that knows the current day; <see langword="null"/> for a new one.</param>
    public async Task<List<Order>> ListOrdersAsync(OrderFilter filter, OrderStore? orders = null)
    {
        await (orders ?? OrderStore).BeginDayAsync(filter, Token);
        return await ReadAsync(transaction => OrderStore.Matching(filter).ReadAll(transaction).ToList());
    }

    /// <summary>Reads the file directly, bypassing the doors of the database.</summary>
    public List<T> Query<T>(string sql) => SqliteFile.Query<T>(Path, sql);

    /// <summary>Writes to the file directly, as another program would.</summary>
    public void Execute(string sql) => SqliteFile.Execute(Path, sql);

    /// <summary>The changes logged so far, for example <c>order Create {"id":1,…}</c>.</summary>
    public async Task<List<string>> ChangesAsync(long afterSeq = 0) =>
        (await Database.ReadChangesAsync(afterSeq, limit: 1000, Token))
        .Select(change => $"{change.Collection} {change.Action} {Encoding.UTF8.GetString(change.RecordJson.Span)}")
        .ToList();

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _folder.Delete(recursive: true);
        if (ExpectsErrors)
        {
            Assert.NotEqual(0, ErrorCount);
            return;
        }

        _logs.Verify();
    }
}
