using System.Net;
using Kaffediem.Persistence.Orders;
using Kaffediem.Protocol;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Identity;

namespace Kaffediem.Server.Orders;

/// <summary>
/// Limits how many orders a client may place, where writes are protected: per customer and per address. Placing one
/// takes few rights, and every client then shows it for good, so orders are counted. Administrators are not counted,
/// and neither are retried requests.
/// </summary>
internal sealed partial class OrderQuota(
    QuotaOptions options,
    AuthOptions auth,
    Callers callers,
    TimeProvider time,
    ILogger<OrderQuota> logger)
{
    // A cup with its choices is about five parts. An order as large as can be, of 1,000, counts as 21.
    private const int PartsPerToken = 50;

    private readonly LogThrottle _throttle = new(time);

    // Guards both, for one look and one change.
    private readonly Lock _lock = new();
    private readonly QuotaBuckets<long> _byCustomer = new(options.OrdersPerCustomer);
    private readonly QuotaBuckets<IPAddress> _byAddress = new(options.OrdersPerAddress);

    /// <summary>Counts an order before it is placed.</summary>
    public async ValueTask<QuotaUse> TakeAsync(OrderDraft draft, HttpContext context)
    {
        if (auth.Writes == WriteMode.Open)
        {
            return QuotaUse.None;
        }

        var (caller, address) = (await callers.FindAsync(context), context.Connection.RemoteIpAddress);
        return caller.IsAdministrator()
            ? QuotaUse.None
            : Take(caller.UserId(), ClientNetwork.Of(address), PriceOf(draft));
    }

    private static int PriceOf(OrderDraft draft) => 1 + (int)(OrderRequests.CountParts(draft) / PartsPerToken);

    private QuotaUse Take(long? customer, IPAddress? network, int price)
    {
        var now = time.GetUtcNow();
        TimeSpan wait;
        lock (_lock)
        {
            wait = WaitFor(customer, network, price, now);
            if (wait == TimeSpan.Zero)
            {
                Add(customer, network, price, now);
                return new QuotaUse(wait, GiveBack: () => GiveBack(customer, network, price));
            }
        }

        if (_throttle.Allows(out var leftOut))
        {
            LogRefused(network, customer, leftOut);
        }

        return new QuotaUse(wait);
    }

    private TimeSpan WaitFor(long? customer, IPAddress? network, int price, DateTimeOffset now)
    {
        var forCustomer = customer is { } id ? _byCustomer.WaitFor(id, price, now) : TimeSpan.Zero;
        var forAddress = network is null ? TimeSpan.Zero : _byAddress.WaitFor(network, price, now);
        return forCustomer > forAddress ? forCustomer : forAddress;
    }

    private void Add(long? customer, IPAddress? network, int price, DateTimeOffset now)
    {
        if (customer is { } id)
        {
            _byCustomer.Take(id, price, now);
        }

        if (network is not null)
        {
            _byAddress.Take(network, price, now);
        }
    }

    private void GiveBack(long? customer, IPAddress? network, int price)
    {
        lock (_lock)
        {
            Add(customer, network, -price, time.GetUtcNow());
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "Orders from {Address}, user {UserId}, are refused for now: too many in a minute. "
            + "Refused since the last such line: {LeftOut} more.")]
    private partial void LogRefused(IPAddress? address, long? userId, int leftOut);
}
