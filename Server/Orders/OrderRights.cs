using System.Security.Claims;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Identity;

namespace Kaffediem.Server.Orders;

/// <summary>
/// The fields of a new order that a client may set where writes are protected. An administrator, which the front desk
/// signs in as, may set all of them. A customer may only name the customer's own id, and no state but the first.
/// </summary>
internal sealed class OrderRights(AuthOptions options, Callers callers)
{
    private static readonly FieldError NotReceived = new("state", "must be received");
    private static readonly FieldError NotOwn = new("customer_id", "must be your own id or null");
    private static readonly FieldError NotNobodys = new("customer_id", "must be null without a session");

    /// <summary>Finds the fields that this client may not set.</summary>
    public async ValueTask<IReadOnlyList<FieldError>> RefuseAsync(OrderDraft draft, HttpContext context)
    {
        var saysNothing = draft is { CustomerId: null, State: OrderState.Received };
        if (options.Writes == WriteMode.Open || saysNothing)
        {
            return [];
        }

        var caller = await callers.FindAsync(context);
        return caller.IsAdministrator() ? [] : [.. Refuse(draft, caller)];
    }

    private static IEnumerable<FieldError> Refuse(OrderDraft draft, ClaimsPrincipal caller)
    {
        if (draft.CustomerId is { } id && id != caller.UserId())
        {
            yield return caller.UserId() is null ? NotNobodys : NotOwn;
        }

        if (draft.State != OrderState.Received)
        {
            yield return NotReceived;
        }
    }
}
