using Kaffediem.Persistence.Orders;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Orders;

/// <summary>Checks section <c>Orders</c>.</summary>
[OptionsValidator]
internal sealed partial class OrderOptionsValidator : IValidateOptions<OrderOptions>;
