using System.Security.Claims;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Authentication.BearerToken;

namespace Kaffediem.CompatServer;

/// <summary>Actions of tests from outside a channel, over plain HTTP.</summary>
internal static class Control
{
    public static void MapControl(this WebApplication app)
    {
        // The body is the payload, JSON or binary.
        app.MapPost("/control/broadcast", async (
            string topic,
            string @event,
            HttpRequest request,
            PhoenixEndpoint endpoint,
            CancellationToken cancellationToken) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellationToken);
            var isBinary = request.ContentType == "application/octet-stream";
            endpoint.Broadcast(
                topic, @event, isBinary ? Payload.FromBinary(body.ToArray()) : Payload.FromJson(body.ToArray()));
        });

        app.MapPost("/control/token", () => TypedResults.SignIn(
            new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ada")], "test")),
            authenticationScheme: BearerTokenDefaults.AuthenticationScheme));

        app.MapPost("/control/disconnect", (string id, PhoenixEndpoint endpoint) => endpoint.Disconnect(id));
    }
}
