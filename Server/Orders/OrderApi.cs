using System.Text.Json;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Http;
using Kaffediem.Server.Identity;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Orders;

/// <summary>The collection <c>order</c>. Its list has filters, and placing an order takes more than a draft.</summary>
internal sealed class OrderApi : IServedCollection
{
    private readonly OrderStore _orders;
    private readonly OrderFilters _filters;
    private readonly OrderRights _rights;
    private readonly OrderQuota _quota;
    private readonly RecordEndpoints<Order, OrderDraft, OrderPatch> _records;

    public OrderApi(
        OrderStore orders, OrderFilters filters, OrderRights rights, OrderQuota quota, RecordServices services)
    {
        (_orders, _filters, _rights, _quota) = (orders, filters, rights, quota);
        _records = new(orders, OrderRequests.ReadDraft, OrderRequests.ReadPatch, services);
    }

    public string Name => _records.Name;

    public bool IsFiltered => true;

    public void Write(Utf8JsonWriter writer, ReadTransaction transaction, OrderFilter filter, string baseUrl) =>
        _records.Lists.WriteRecords(
            writer, OrderStore.Matching(filter).ReadAll(transaction), baseUrl, transaction.CancellationToken);

    public void Map(IEndpointRouteBuilder app) =>
        _records.Map(app, ListAsync, OrderFilters.Names, PlaceAsync, WriteRight.PlaceOrder);

    private async Task ListAsync(HttpContext context)
    {
        // Logs what only the clock has changed: then the list stays the same until the next change.
        await _orders.BeginDayAsync(context.RequestAborted);
        var filter = _filters.Read(context.Request.Query);
        Read<RecordList<Order>> list = filter.IsRead ? OrderStore.Matching(filter.Value) : filter.Error;
        await _records.Lists.WriteAsync(context, list, OrderFilters.Names, isLong: true);
    }

    /// <summary>Places an order. <see cref="WriteAccess"/> has refused clients that may not (401).</summary>
    private async Task PlaceAsync(HttpContext context)
    {
        // The body, cast as Kaffebase did: 400, 413, 415, 422.
        using var sent = await _records.ReadDraftAsync(context);
        if (sent is null)
        {
            return;
        }

        var draft = sent.Fields;
        // Nobody orders in another's name, or past the kitchen: 422.
        if (await _rights.RefuseAsync(draft, context) is { Count: > 0 } refused)
        {
            await ErrorResponses.WriteRefusalAsync(context, ErrorResponses.Describe(refused));
            return;
        }

        // Counted before it is written: 429.
        var use = await _quota.TakeAsync(draft, context);
        if (use.Wait > TimeSpan.Zero)
        {
            await ErrorResponses.WriteTooManyAsync(
                context, use.Wait, "Too many new records in a minute. Try again later.");
            return;
        }

        // One transaction: the order, its number of the day and its change, under the keys of a retried request.
        var result = await _records.CreateOnceAsync(context, sent, draft, draft.Uuid);
        if (result is WriteResult<Order>.Saved { IsRetry: true })
        {
            use.GiveBack?.Invoke();
        }

        // 201 once it is committed; 422 for items and choices that do not exist. The change feed broadcasts it.
        await _records.Answers.WriteCreatedAsync(context, result, OrderRequests.Describe);
    }
}
