using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>
/// Gives a shop a past: a year of orders as the server writes them, 150 a day, and the changes of the last week, which
/// is how long the log keeps them. The same every time, for the same moment.
/// </summary>
internal static class YearOldShop
{
    /// <summary>How many orders a year has.</summary>
    public const int Orders = 55_000;

    /// <summary>How many orders each day has, today included.</summary>
    public const int OrdersPerDay = 150;

    /// <summary>The customer that most orders are placed for: the front desk.</summary>
    public const int FrontDesk = 1;

    /// <summary>The last of the other customers, who each have some hundred orders.</summary>
    public const int LastCustomer = 100;

    private const int DaysLogged = 7;

    private static readonly TimeSpan Opening = TimeSpan.FromHours(8);
    private static readonly TimeSpan OpeningHours = TimeSpan.FromHours(8);

    private static readonly OrderCustomization Milk = new()
    {
        KeyId = 1, KeyName = "Melk", ValueId = 2, ValueName = "Havre", PriceChange = 5, ConstantPrice = true,
        LabelColor = "#e8e2d0",
    };

    private static readonly OrderCustomization Size = new()
    {
        KeyId = 2, KeyName = "Størrelse", ValueId = 5, ValueName = "Stor", PriceChange = 150, ConstantPrice = false,
        LabelColor = "#b0d0ff",
    };

    // Of the demo menu.
    private static readonly OrderItem[] Lines =
    [
        new() { ItemId = 1, Name = "Latte", Price = 45, Category = "Kaffe", Customizations = [Milk, Size] },
        new() { ItemId = 2, Name = "Cortado", Price = 40, Category = "Kaffe", Customizations = [Milk] },
        new() { ItemId = 4, Name = "Espresso", Price = 30, Category = "Kaffe" },
        new() { ItemId = 5, Name = "Grønn te", Price = 25, Category = "Te", Customizations = [Size] },
        new() { ItemId = 7, Name = "Kanelbolle", Price = 35, Category = "Bakst" },
    ];

    private static readonly string[] Carts =
    [
        .. Lines.SelectMany(first => Lines.Select(second => OrderRow.FormatItems([first, second]))),
        .. Lines.Select(line => OrderRow.FormatItems([line])),
    ];

    /// <summary>
    /// Makes such a shop's file. A server makes the tables, the demo menu and the developer's account.
    /// </summary>
    /// <param name="path">The path of the new file.</param>
    /// <param name="orders">How many orders; each day before has 150.</param>
    public static async Task MakeAsync(string path, int orders = Orders)
    {
        await using (KaffediemServer.Start(new ServerSetup { IsFirstRun = true, DatabasePath = path }))
        {
        }

        Fill(path, DateTimeOffset.UtcNow, orders);
    }

    /// <summary>Adds the past to the file of a shop that has no orders yet, and whose server is stopped.</summary>
    /// <param name="path">The file.</param>
    /// <param name="now">The end of the past: today's orders are placed before.</param>
    /// <param name="orders">How many orders; each day before has 150.</param>
    public static void Fill(string path, DateTimeOffset now, int orders = Orders)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        var today = CurrentDay.Start(connection) is { Length: > 0 } start
            ? Timestamp.Parse(start)
            : new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var rows = MakeOrders(today, now, orders).ToList();
        Insert(connection, rows);
        // Older changes were pruned, for example the creation of the menu.
        connection.Execute("DELETE FROM change_log");
        Append(connection, [.. MakeChanges(connection, rows, today, now).OrderBy(change => change.Time)]);
        transaction.Commit();
    }

    private static IEnumerable<OrderRow> MakeOrders(DateTimeOffset today, DateTimeOffset now, int orders)
    {
        var random = new Random(16);
        var firstOfToday = Math.Max(0, orders - OrdersPerDay);
        for (var index = 0; index < orders; index++)
        {
            // Days before today, counted back from the last order.
            var daysAgo = (orders - 1 - index) / OrdersPerDay;
            var numberOfDay = OrdersPerDay - 1 - ((orders - 1 - index) % OrdersPerDay);
            var (from, span) = daysAgo == 0
                ? (today, now - today)
                : (today.AddDays(-daysAgo) + Opening, OpeningHours);
            yield return MakeOrder(
                random, index + 1, numberOfDay + 101, from + (span / OrdersPerDay * numberOfDay), now, daysAgo);
        }
    }

    private static OrderRow MakeOrder(
        Random random, long id, long dayId, DateTimeOffset placed, DateTimeOffset now, int daysAgo)
    {
        var wait = TimeSpan.FromMilliseconds(random.Next(60_000, 900_000));
        // Some of today's are not done yet; of all others a few were never handed out.
        var state = daysAgo == 0 && random.Next(3) == 0 ? OrderState.All[random.Next(3)]
            : random.Next(100) == 0 ? "completed" : "dispatched";
        var updated = state == OrderState.Received ? placed : placed + wait;
        return new OrderRow
        {
            Id = id,
            Uuid = random.Next(4) == 0 ? RandomUuid(random) : GrowingUuid(random, placed),
            CustomerId = random.Next(10) switch { 0 => null, < 8 => FrontDesk, _ => random.Next(2, LastCustomer + 1) },
            DayId = dayId,
            ItemsData = Carts[random.Next(Carts.Length)],
            State = state,
            MissingInformation = random.Next(50) == 0,
            InsertedAt = Timestamp.FormatExact(placed),
            UpdatedAt = Timestamp.FormatExact(updated < now ? updated : now),
        };
    }

    // As the server's own: version 7.
    private static string GrowingUuid(Random random, DateTimeOffset placed) =>
        Guid.CreateVersion7(placed).ToString()[..14] + "7" + RandomUuid(random)[15..];

    private static string RandomUuid(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        (bytes[6], bytes[8]) = ((byte)((bytes[6] & 0x0F) | 0x40), (byte)((bytes[8] & 0x3F) | 0x80));
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private static void Insert(SqliteConnection connection, List<OrderRow> rows) =>
        connection.Execute(
            """
            INSERT INTO "order" (id, uuid, customer_id, day_id, items_data, state, missing_information,
                                 inserted_at, updated_at)
                 VALUES (@Id, @Uuid, @CustomerId, @DayId, @ItemsData, @State, @MissingInformation,
                         @InsertedAt, @UpdatedAt)
            """,
            rows);

    /// <summary>
    /// What the log has of the last week: each order's states and day's end, and the shop's openings.
    /// </summary>
    private static IEnumerable<LoggedChange> MakeChanges(
        SqliteConnection connection, List<OrderRow> rows, DateTimeOffset today, DateTimeOffset now)
    {
        var colors = LabelColors.Read(connection);
        var firstLogged = Timestamp.Format(today.AddDays(-DaysLogged));
        foreach (var row in rows.Where(row => string.CompareOrdinal(row.InsertedAt, firstLogged) >= 0))
        {
            foreach (var change in MakeChanges(row, colors, today))
            {
                yield return change;
            }
        }

        var status = connection.QueryFirst<Status>(
            """
            SELECT id AS Id, open AS Open, show_message AS ShowMessage, message_id AS MessageId,
                   inserted_at AS InsertedAt, updated_at AS UpdatedAt
              FROM status
            """);
        for (var day = today.AddDays(-DaysLogged); day < today; day = day.AddDays(1))
        {
            yield return Update("status", status.Id, status, ContentJson.Wire.Status, day + Opening);
        }

        // The last change is newer than every record: none was written past the log.
        yield return Update("status", status.Id, status, ContentJson.Wire.Status, now);
    }

    private static IEnumerable<LoggedChange> MakeChanges(OrderRow row, LabelColors colors, DateTimeOffset today)
    {
        var placed = ParseExact(row.InsertedAt);
        var dayStart = Timestamp.Format(new DateTimeOffset(placed.UtcDateTime.Date, TimeSpan.Zero));
        var keys = row.Keys(dayStart);
        var first = row with { State = OrderState.Received, UpdatedAt = row.InsertedAt };
        yield return Create(first.ToOrder(colors), keys, placed);
        var states = OrderState.All.Skip(1).Take(IndexOf(row.State)).ToList();
        var step = (ParseExact(row.UpdatedAt) - placed) / Math.Max(1, states.Count);
        foreach (var (index, state) in states.Index())
        {
            var time = placed + (step * (index + 1));
            var changed = row with { State = state, UpdatedAt = Timestamp.FormatExact(time) };
            yield return Update("order", row.Id, changed.ToOrder(colors), OrderJson.Wire.Order, time) with
            {
                Before = Format(keys),
                After = Format(keys),
            };
        }

        if (placed < today)
        {
            yield return new LoggedChange("order", "day_over", row.Id, $$"""{"id":{{row.Id}}}""", Midnight(placed))
            {
                Before = Format(keys with { IsToday = true }),
                After = Format(keys with { IsToday = false }),
            };
        }
    }

    private static LoggedChange Create(Order order, OrderKeys keys, DateTimeOffset time) =>
        new("order", "create", order.Id, Json(order, OrderJson.Wire.Order), time) { After = Format(keys) };

    private static LoggedChange Update<T>(
        string collection, long id, T record, JsonTypeInfo<T> json, DateTimeOffset time) =>
        new(collection, "update", id, Json(record, json), time);

    private static void Append(SqliteConnection connection, List<LoggedChange> changes) =>
        connection.Execute(
            """
            INSERT INTO change_log (collection, action, record_id, record, before, after, inserted_at)
                 VALUES (@Collection, @Action, @RecordId, @Record, @Before, @After, @InsertedAt)
            """,
            changes);

    private static int IndexOf(string state) => OrderState.All.Index().First(one => one.Item == state).Index;

    private static DateTimeOffset Midnight(DateTimeOffset time) =>
        new(time.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    private static DateTimeOffset ParseExact(string time) =>
        DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string Format(OrderKeys keys) => Json(keys, OrderJson.Wire.OrderKeys);

    private static string Json<T>(T value, JsonTypeInfo<T> json) =>
        Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(value, json));

    /// <summary>A row of the change log.</summary>
    private sealed record LoggedChange(
        string Collection, string Action, long RecordId, string Record, DateTimeOffset Time)
    {
        public string? Before { get; init; }

        public string? After { get; init; }

        public string InsertedAt => Timestamp.Format(Time);
    }
}
