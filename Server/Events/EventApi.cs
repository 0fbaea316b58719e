using Kaffediem.Persistence;
using Kaffediem.Protocol;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Http;
using Kaffediem.Server.Identity;
using Kaffediem.Server.Images;
using Kaffediem.Server.Orders;
using Kaffediem.Server.Realtime;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Events;

/// <summary>
/// <c>GET /api/events</c>: collections and their changes as server-sent events, for clients without phoenix.js. The
/// limits and the allowed pages are those of the socket.
/// </summary>
internal sealed class EventApi(
    PhoenixEndpoint endpoint,
    RecentChanges recent,
    EventReads reads,
    LongAnswers answers,
    Database database,
    Collections collections,
    OrderFilters filters,
    ImageUrls imageUrls,
    ImageHosts imageHosts,
    MenuOptions menu,
    TimeProvider time,
    IHostApplicationLifetime lifetime)
{
    private const string TransportName = "eventsource";

    public async Task HandleAsync(HttpContext context, OriginCheck origins)
    {
        context.ExpectLongRequest();
        context.Response.Headers.CacheControl = LongRequest.CacheControl;
        if (!endpoint.TryEnter(
            context.Connection.RemoteIpAddress, context.User, TransportName, out var place, out var refusedWith))
        {
            context.Response.StatusCode = refusedWith;
            return;
        }

        using (place)
        {
            await ServeAsync(context, origins);
        }
    }

    private async Task ServeAsync(HttpContext context, OriginCheck origins)
    {
        // Pages of other origins are refused, as by the socket. Other reads are answered whichever page asks.
        if (!origins.Allows(context.Request))
        {
            await ErrorResponses.WriteDetailAsync(
                context, StatusCodes.Status403Forbidden, origins.DescribeRefusal(context.Request));
            return;
        }

        using var imageBase = imageHosts.Hold(
            imageUrls.BaseOf(context.Request),
            context.Connection.RemoteIpAddress,
            context.User.IsAdministrator());
        var read = EventRequest.Read(context.Request, database.Epoch, collections, filters, imageBase.BaseUrl);
        if (!read.IsRead)
        {
            await ErrorResponses.WriteBadRequestAsync(context, read.Error.Field, read.Error.Message);
            return;
        }

        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would collect events
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await StreamAsync(context, read.Value);
        }
    }

    private async Task StreamAsync(HttpContext context, EventRequest request)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            var asker = Asker.Of(context.User, context.Connection.RemoteIpAddress);
            var stream = new EventStream(
                request.Views, asker, answers.Open(context), recent, reads, database.Epoch, menu, time);
            await stream.RunAsync(request.Since, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The client has left, or does not read; or the server is stopping, and the client will reconnect.
        }
    }
}
