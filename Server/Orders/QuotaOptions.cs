using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Orders;

/// <summary>
/// Section <c>Quota</c>: how many orders a client may place where writes are protected. Administrators, which the front
/// desk signs in as, may place any number.
/// </summary>
internal sealed class QuotaOptions
{
    /// <summary>
    /// How many orders a customer may place in a minute, over all of the customer's sessions (default 60).
    /// </summary>
    [Range(1, 1_000_000)]
    [Description("how many orders a customer may place in a minute; administrators are not counted")]
    public int OrdersPerCustomer { get; init; } = 60;

    /// <summary>
    /// How many orders may come from one address, or a /64 network of IPv6, in a minute (default 600): all customers in
    /// the shop may share one.
    /// </summary>
    [Range(1, 1_000_000)]
    [Description("the same for an address, or a /64 network of IPv6")]
    public int OrdersPerAddress { get; init; } = 600;
}

[OptionsValidator]
internal sealed partial class QuotaOptionsValidator : IValidateOptions<QuotaOptions>;
