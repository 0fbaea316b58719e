using System.Data;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Orders;

/// <summary>The orders (collection <c>order</c>).</summary>
public sealed class OrderStore(Database database, ShopDays days, TimeProvider time)
    : IRecords<Order, OrderDraft, OrderPatch>
{
    /// <summary>The collection's name.</summary>
    public const string Collection = "order";

    internal const string Columns =
        """
        id AS Id, uuid AS Uuid, customer_id AS CustomerId, day_id AS DayId, items_data AS ItemsData, state AS State,
        missing_information AS MissingInformation, inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    // The texts of orders are ASCII, so SQLite's own order of text, in which their indexes run, is the right one.
    internal static readonly SortColumns Sortable = new()
    {
        ["id"] = SortColumn.Id,
        ["uuid"] = new("uuid") { Index = "INDEXED BY order_uuid_index" },
        ["customer_id"] = new("customer_id") { Index = "INDEXED BY order_customer_id_index" },
        ["day_id"] = new("day_id") { Index = "INDEXED BY order_day_id_index" },
        ["state"] = new("state"),
        ["missing_information"] = SortColumn.Flag("missing_information"),
        ["total"] = new($"{OrderListKeys.OrderTotal}(items_data)"),
        ["inserted_at"] = new("substr(inserted_at || 'Z', 1, 19)") { IsTime = true },
        ["updated_at"] = new("substr(updated_at || 'Z', 1, 19)"),
        ["created"] = new("inserted_at || 'Z'") { IsTime = true },
        ["updated"] = new("updated_at || 'Z'"),
    };

    // No day is longer, not even where the clocks change; what ends later than this is not the current one.
    private static readonly TimeSpan LongestDay = TimeSpan.FromHours(26);

    // When the current day ends, in ticks of UTC; 0 while unknown.
    private long _dayEnds;

    /// <inheritdoc/>
    public string Name => Collection;

    /// <inheritdoc/>
    public JsonTypeInfo<Order> Json => OrderJson.Wire.Order;

    /// <summary>All orders, by day number and id unless a sort is given.</summary>
    public RecordList<Order> List { get; } = Matching(new OrderFilter());

    /// <summary>
    /// The orders that pass the filter, by day number and id unless a sort is given. For today's, call
    /// <see cref="BeginDayAsync(OrderFilter, CancellationToken)"/> first.
    /// </summary>
    public static RecordList<Order> Matching(OrderFilter filter) => new(
        Sortable.Fields,
        (transaction, slice) => new OrderListKeys(transaction, filter).Find(slice),
        transaction =>
        {
            var colors = LabelColors.Read(transaction.Connection);
            return ids => ListedKeys.Pick<OrderRow>(transaction, Columns, table: "\"order\"", ids)
                .Select(row => row.ToOrder(colors));
        });

    /// <summary>
    /// Begins the shop's next day if the current one is over: earlier orders are then no longer today's. Placing an
    /// order does this, too. Costs nothing while the day is not over.
    /// </summary>
    public async Task BeginDayAsync(CancellationToken cancellationToken)
    {
        var left = Volatile.Read(ref _dayEnds) - time.GetUtcNow().UtcTicks;
        if (left > 0 && left <= LongestDay.Ticks)
        {
            return;
        }

        // Waits for room in the queue: a client that reads today's orders in the first second of a day must not be
        // refused because of others' writes.
        var now = await database.WriteWithPatienceAsync(
            transaction => new Written<DateTimeOffset>(transaction.Now, CurrentDay.Advance(transaction, days).Changes),
            cancellationToken);
        Volatile.Write(ref _dayEnds, days.NextStartAfter(now).UtcTicks);
    }

    /// <summary>Begins the next day if it is time to and the filter depends on the day.</summary>
    public Task BeginDayAsync(OrderFilter filter, CancellationToken cancellationToken) =>
        filter.Today ? BeginDayAsync(cancellationToken) : Task.CompletedTask;

    /// <inheritdoc/>
    public Order? Find(ReadTransaction transaction, long id) => Find(transaction.Connection, id);

    /// <inheritdoc/>
    public Order? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

    private static Order? Find(IDbConnection connection, long id) =>
        FindRow(connection, id)?.ToOrder(LabelColors.Read(connection));

    private static OrderRow? FindRow(IDbConnection connection, long id) =>
        connection.QuerySingleOrDefault<OrderRow>(
            $"""
            SELECT {Columns}
              FROM "order"
             WHERE id = @id
            """,
            new { id });

    /// <summary>
    /// Places an order. Refused if its uuid is another order's (<c>uuid</c>) or its state unknown (<c>state</c>), and
    /// with an <see cref="OrderLineError"/> for every unknown item, and for a second value of a key that allows one.
    /// </summary>
    public Written<WriteResult<Order>> Create(WriteTransaction transaction, OrderDraft draft)
    {
        var snapshots = new LineSnapshots(OrderCache.Of(transaction));
        var items = snapshots.Take(draft.Lines);
        List<FieldError> errors =
        [
            .. ValidateUuid(transaction.Connection, draft.Uuid),
            .. ValidateState(draft.State),
            .. snapshots.Errors,
        ];
        if (errors.Count > 0)
        {
            return Written.Refused<Order>(errors);
        }

        var (dayStart, dayChanges) = CurrentDay.Advance(transaction, days);
        var placedAt = transaction.ExactTimestamp;
        if (string.CompareOrdinal(placedAt, dayStart) < 0)
        {
            // The clock was set back a little just after midnight: the order still belongs to the day that has begun.
            placedAt = dayStart;
        }

        var order = Insert(transaction, dayStart, placedAt, new Order
        {
            Id = 0,
            // Version 7: these grow. Random ones (version 4) would each change another page of their index.
            Uuid = draft.Uuid ?? Guid.CreateVersion7(transaction.Now).ToString(),
            CustomerId = draft.CustomerId,
            DayId = 0,
            Items = items,
            State = draft.State,
            MissingInformation = draft.MissingInformation,
            Created = placedAt + "Z",
            Updated = placedAt + "Z",
        });
        var change = NewChange.Create(Collection, order.Id, order, OrderJson.Wire.Order) with
        {
            After = OrderKeys.Of(placedAt, order.CustomerId, dayStart).ForLog(),
        };
        return new(new WriteResult<Order>.Saved(order) { Json = change.RecordJson }, [.. dayChanges, change]);
    }

    /// <returns>The order with its id and day number.</returns>
    private Order Insert(WriteTransaction transaction, string dayStart, string placedAt, Order order)
    {
        var dayEnd = Timestamp.Format(days.NextStartAfter(Timestamp.Parse(dayStart)));
        var dayId = DayNumber.Next(transaction, dayStart, dayEnd);
        var id = transaction.Connection.Direct(
            """
            INSERT INTO "order" (uuid, customer_id, day_id, items_data, state, missing_information,
                                 inserted_at, updated_at)
                 VALUES (@Uuid, @CustomerId, @dayId, @ItemsData, @State, @MissingInformation, @placedAt, @placedAt)
            """)
        .Bind(order.Uuid)
        .Bind(order.CustomerId)
        .Bind(dayId)
        .Bind(OrderRow.FormatItems(order.Items))
        .Bind(order.State)
        .Bind(order.MissingInformation ? 1 : 0)
        .Bind(placedAt)
        .Insert();
        return order with { Id = id, DayId = dayId };
    }

    /// <summary>Changes an order. Refused if its new state is unknown (<c>state</c>).</summary>
    public Written<WriteResult<Order>> Update(WriteTransaction transaction, long id, OrderPatch patch)
    {
        if (FindRow(transaction.Connection, id) is not { } before)
        {
            return Written.NotFound<Order>();
        }

        var colors = OrderCache.Of(transaction).Colors;
        if (patch == new OrderPatch())
        {
            return Written.Saved(before.ToOrder(colors));
        }

        var after = before.Apply(patch);
        if (patch.State.HasValue && ValidateState(after.State) is { Count: > 0 } errors)
        {
            return Written.Refused<Order>(errors);
        }

        if (after != before)
        {
            after = after with { UpdatedAt = transaction.ExactTimestamp };
            Save(transaction, after);
        }

        var order = after.ToOrder(colors);
        var dayStart = OrderCache.Of(transaction).DayStart;
        var change = NewChange.Update(Collection, id, order, OrderJson.Wire.Order);
        return Written.Saved(order, change with
        {
            Before = before.Keys(dayStart).ForLog(),
            After = after.Keys(dayStart).ForLog(),
        });
    }

    private static void Save(WriteTransaction transaction, OrderRow row) =>
        transaction.Connection.Execute(
            """
            UPDATE "order"
               SET customer_id = @CustomerId, items_data = @ItemsData, state = @State,
                   missing_information = @MissingInformation, updated_at = @UpdatedAt
             WHERE id = @Id
            """,
            row);

    /// <summary>Deletes an order. Never refused.</summary>
    public Written<WriteResult<Order>> Delete(WriteTransaction transaction, long id)
    {
        if (FindRow(transaction.Connection, id) is not { } row)
        {
            return Written.NotFound<Order>();
        }

        transaction.Connection.Execute(
            """
            DELETE FROM "order"
                  WHERE id = @id
            """,
            new { id });
        var cache = OrderCache.Of(transaction);
        var change = NewChange.Delete(Collection, id) with { Before = row.Keys(cache.DayStart).ForLog() };
        return Written.Saved(row.ToOrder(cache.Colors), change);
    }

    private static IReadOnlyList<FieldError> ValidateUuid(IDbConnection connection, string? uuid)
    {
        var isTaken = uuid is not null && connection.QuerySingle<bool>(
            """
            SELECT EXISTS (SELECT 1
                             FROM "order"
                            WHERE uuid = @uuid)
            """,
            new { uuid });
        return isTaken ? [new FieldError("uuid", "has already been taken")] : [];
    }

    private static IReadOnlyList<FieldError> ValidateState(string state) =>
        OrderState.All.Contains(state) ? [] : [new FieldError("state", "is invalid")];
}
