using Dapper;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Orders;

/// <summary>The orders (collection <c>order</c>).</summary>
public sealed class OrderStore(Database database)
{
    private const string Collection = "order";

    private const string Columns =
        """
        id AS Id, uuid AS Uuid, customer_id AS CustomerId, day_id AS DayId, items_data AS ItemsData, state AS State,
        missing_information AS MissingInformation, inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    /// <summary>The orders that pass the filter, by day number and id.</summary>
    public Task<IReadOnlyList<Order>> ListAsync(OrderFilter filter, CancellationToken cancellationToken) =>
        database.ReadAsync(transaction => List(transaction, filter), cancellationToken);

    /// <inheritdoc cref="ListAsync"/>
    public static IReadOnlyList<Order> List(ReadTransaction transaction, OrderFilter filter)
    {
        var rows = transaction.Connection.Query<OrderRow>(
            $"""
              SELECT {Columns}
                FROM "order"
               WHERE inserted_at >= @From
                 AND (@CustomerId IS NULL OR customer_id = @CustomerId)
            ORDER BY day_id, id
            """,
            // Every time is greater than the empty text.
            new { From = filter.From is { } from ? Timestamp.Format(from) : "", filter.CustomerId });
        var colors = LabelColors.Read(transaction.Connection);
        return rows.Select(row => row.ToOrder(colors)).ToList();
    }

    /// <summary>An order, or <see langword="null"/>.</summary>
    public Task<Order?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(transaction => Find(transaction.Connection, id), cancellationToken);

    /// <summary>
    /// Places an order. Refused if its uuid is another order's (<c>uuid</c>), its state unknown (<c>state</c>), or with an <see cref="OrderLineError"/> for
    /// everything in its lines that the catalogue does not have or allow.
    /// </summary>
    public Task<WriteResult<Order>> PlaceAsync(OrderDraft draft, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Place(transaction, draft), cancellationToken);

    /// <summary>Changes an order. Refused if its new state is unknown (<c>state</c>).</summary>
    public Task<WriteResult<Order>> UpdateAsync(long id, OrderPatch patch, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Update(transaction, id, patch), cancellationToken);

    /// <summary>Deletes an order. Never refused.</summary>
    public Task<WriteResult<Order>> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Delete(transaction, id), cancellationToken);

    /// <inheritdoc cref="FindAsync"/>
    public static Order? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

    private static Order? Find(SqliteConnection connection, long id) =>
        FindRow(connection, id)?.ToOrder(LabelColors.Read(connection));

    private static OrderRow? FindRow(SqliteConnection connection, long id) =>
        connection.QuerySingleOrDefault<OrderRow>(
            $"""
            SELECT {Columns}
              FROM "order"
             WHERE id = @id
            """,
            new { id });

    /// <inheritdoc cref="PlaceAsync"/>
    public static Written<WriteResult<Order>> Place(WriteTransaction transaction, OrderDraft draft)
    {
        var snapshots = new LineSnapshots(transaction.Connection);
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

        var row = transaction.Connection.QuerySingle<OrderRow>(
            $"""
            INSERT INTO "order" (uuid, customer_id, day_id, items_data, state, missing_information,
                                 inserted_at, updated_at)
                 VALUES (@Uuid, @CustomerId, @DayId, @ItemsData, @State, @MissingInformation,
                         @Timestamp, @Timestamp)
              RETURNING {Columns}
            """,
            new
            {
                Uuid = draft.Uuid ?? Guid.NewGuid().ToString(),
                draft.CustomerId,
                DayId = DayNumber.Next(transaction),
                ItemsData = OrderRow.FormatItems(items),
                draft.State,
                draft.MissingInformation,
                transaction.Timestamp,
            });
        var order = row.ToOrder(LabelColors.Read(transaction.Connection));
        return Written.Saved(order, NewChange.Create(Collection, order.Id, order, RecordJson.Wire.Order));
    }

    /// <inheritdoc cref="UpdateAsync"/>
    public static Written<WriteResult<Order>> Update(WriteTransaction transaction, long id, OrderPatch patch)
    {
        if (FindRow(transaction.Connection, id) is not { } before)
        {
            return Written.NotFound<Order>();
        }

        var colors = LabelColors.Read(transaction.Connection);
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
            after = after with { UpdatedAt = transaction.Timestamp };
            Save(transaction, after);
        }

        var order = after.ToOrder(colors);
        return Written.Saved(order, NewChange.Update(Collection, id, order, RecordJson.Wire.Order));
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

    /// <inheritdoc cref="DeleteAsync"/>
    public static Written<WriteResult<Order>> Delete(WriteTransaction transaction, long id)
    {
        if (Find(transaction.Connection, id) is not { } order)
        {
            return Written.NotFound<Order>();
        }

        transaction.Connection.Execute(
            """
            DELETE FROM "order"
                  WHERE id = @id
            """,
            new { id });
        return Written.Saved(order, NewChange.Delete(Collection, id));
    }

    private static IReadOnlyList<FieldError> ValidateUuid(SqliteConnection connection, string? uuid)
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
