using Kaffediem.Server.Records;

namespace Kaffediem.Server.Observability;

/// <summary><c>/</c>: a page that explains the server to people who open its address in a browser.</summary>
internal static class FrontPage
{
    public static void MapFrontPage(this IEndpointRouteBuilder app) =>
        app.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], context =>
        {
            var request = context.Request;
            context.Response.ContentType = "text/html; charset=utf-8";
            var webSocketOrigin = $"{(request.IsHttps ? "wss" : "ws")}://{request.Host}";
            var endpoints = context.RequestServices.GetRequiredService<EndpointDataSource>();
            var collections = string.Join(", ", CollectionMetadata.NamesIn(endpoints));
            return context.Response.WriteAsync(Page(webSocketOrigin, collections), context.RequestAborted);
        });

    private static string Page(string webSocketOrigin, string collections) =>
        $"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <title>Kaffediem</title>
        <h1>Kaffediem</h1>
        <p>The back end of a coffee shop's ordering system. It is running.
           To order, open the front end, which is another program.</p>
        <ul>
          <li><a href="/health">/health</a>: can the database be read?</li>
          <li><a href="/api/collections/item/records">/api/collections/item/records</a>: one of the collections
              ({collections})</li>
          <li><a href="/api/session">/api/session</a>: who is signed in? (nothing: nobody)</li>
          <li><code>{System.Net.WebUtility.HtmlEncode(webSocketOrigin)}/socket</code>: where phoenix.js connects to</li>
        </ul>
        </html>
        """;
}
