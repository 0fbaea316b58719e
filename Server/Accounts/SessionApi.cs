using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Accounts;

/// <summary><c>/api/session</c>: who is signed in, signing in, signing out.</summary>
internal sealed class SessionApi(
    UserStore users,
    PasswordVerifier passwords,
    CookieSession sessions,
    SignInLimiter limiter,
    IHostEnvironment environment)
{
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapMethods("/api/session", [HttpMethods.Get, HttpMethods.Head], ShowAsync);
        app.MapPost("/api/session", SignInAsync).WithMetadata(BodyLimit.OfAnyone);
        app.MapDelete("/api/session", SignOutAsync);
    }

    private async Task ShowAsync(HttpContext context)
    {
        var user = await sessions.FindUserAsync(context) ?? await SignInDeveloperAsync(context);
        if (user is null)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await AnswerAsync(context, user);
    }

    private async Task SignInAsync(HttpContext context)
    {
        using var body = await context.ReadBodyAsync(tooLarge: null);
        if (body is null)
        {
            return;
        }

        var fields = new FieldReader(body.Root);
        if (fields.Find("email") is not { } email || fields.Find("password") is not { } password)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        // A phone's keyboard appends a space to an address that it completes; no address has one at its ends.
        await SignInAsync(context, TextOf(email).Trim(), TextOf(password));
    }

    private async Task SignInAsync(HttpContext context, string email, string password)
    {
        var user = await users.FindByEmailAsync(email, context.RequestAborted);
        var attempt = new SignInAttempt(email, user?.HashedPassword, context.Connection.RemoteIpAddress);
        if (limiter.Begin(attempt) is var wait && wait > TimeSpan.Zero)
        {
            // Also for the right password: otherwise the answer would tell it from a wrong one.
            RefuseForNow(context, wait);
            return;
        }

        try
        {
            await CheckAsync(context, attempt, user, password);
        }
        catch (Exception exception) when (DatabaseFault.Is(exception))
        {
            // The password may have been right: retries while the disk fails must not count as wrong passwords.
            limiter.TakeBack(attempt);
            throw;
        }
    }

    private async Task CheckAsync(HttpContext context, SignInAttempt attempt, User? user, string password)
    {
        var check = await passwords.CheckAsync(password, user?.HashedPassword, context.RequestAborted);
        if (check == PasswordCheck.TooBusy)
        {
            limiter.TakeBack(attempt);
            RefuseForNow(context, PasswordVerifier.BusyTime);
        }
        else if (check == PasswordCheck.Matches && await sessions.StartAsync(context, user!))
        {
            limiter.Succeeded(attempt);
            await AnswerAsync(context, user!);
        }
        else
        {
            // One answer for a wrong password and an unknown address: nobody learns who has an account.
            limiter.Failed(attempt);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
    }

    private static void RefuseForNow(HttpContext context, TimeSpan wait)
    {
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter =
            Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
    }

    private async Task SignOutAsync(HttpContext context)
    {
        await sessions.EndAsync(context);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>In Development a browser on this machine is the first administrator: nobody has to sign in.</summary>
    private async Task<User?> SignInDeveloperAsync(HttpContext context)
    {
        if (!environment.IsDevelopment() || !IsLocal(context))
        {
            return null;
        }

        var administrator = await users.FirstAdministratorAsync(context.RequestAborted);
        return administrator is not null && await sessions.StartAsync(context, administrator) ? administrator : null;
    }

    // A proxy or tunnel on this machine connects from here, too, but for somebody elsewhere.
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");

    private static string TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static Task AnswerAsync(HttpContext context, User user) => context.WriteJsonAsync(
        StatusCodes.Status200OK,
        new SessionAnswer(new SessionUser(user.Id, user.IsAdmin, user.Name ?? "")),
        SessionJson.Default.SessionAnswer);
}

/// <summary><c>{"data":{"id":1,"is_admin":true,"name":"…"}}</c></summary>
internal sealed record SessionAnswer(SessionUser Data);

internal sealed record SessionUser(long Id, bool IsAdmin, string Name);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SessionAnswer))]
internal sealed partial class SessionJson : JsonSerializerContext;
