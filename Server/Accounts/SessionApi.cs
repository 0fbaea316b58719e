using System.Text.Json;
using System.Text.Json.Serialization;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Protocol;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Http;
using Kaffediem.Server.Identity;

namespace Kaffediem.Server.Accounts;

/// <summary><c>/api/session</c>: shows the signed-in user, signs in, signs out.</summary>
internal sealed partial class SessionApi(
    UserStore users,
    PasswordVerifier passwords,
    CookieSession sessions,
    Callers callers,
    KnownDevices devices,
    SignInLimiter limiter,
    DeveloperSignIn developers,
    DevelopmentAccount developmentAccount,
    TimeProvider time,
    ILogger<SessionApi> logger)
{
    private readonly LogThrottle _throttle = new(time);

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapMethods("/api/session", [HttpMethods.Get, HttpMethods.Head], ShowAsync);
        app.MapPost("/api/session", SignInAsync).WithMetadata(BodyLimit.OfAnyone);
        app.MapDelete("/api/session", SignOutAsync);
    }

    private async Task ShowAsync(HttpContext context)
    {
        var caller = await callers.FindAsync(context);
        if (caller.UserId() is { } id)
        {
            await AnswerAsync(context, new SessionUser(id, caller.IsAdministrator(), caller.UserName()));
        }
        else if (await developers.SignInAsync(context) is { } developer)
        {
            await AnswerAsync(context, SessionUser.Of(developer));
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
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

        // A phone's keyboard appends a space when it completes an address.
        await SignInAsync(context, TextOf(email).Trim(), TextOf(password));
    }

    private async Task SignInAsync(HttpContext context, string email, string password)
    {
        var user = await users.FindByEmailAsync(email, context.RequestAborted);
        var device = await devices.FindAsync(context, user);
        var attempt = new SignInAttempt(email, user?.HashedPassword, context.Connection.RemoteIpAddress, device);
        if (limiter.Begin(attempt) is var wait && wait > TimeSpan.Zero)
        {
            // Also for the right password: otherwise the answer would reveal that it is right.
            await RefuseForNowAsync(context, wait, "Too many attempts to sign in have failed");
            return;
        }

        try
        {
            await CheckAsync(context, attempt, user, password);
        }
        catch (Exception exception) when (DatabaseFault.Is(exception))
        {
            // The password may have been right: retries while the disk fails must not count as wrong passwords.
            limiter.Undo(attempt);
            throw;
        }
    }

    private async Task CheckAsync(HttpContext context, SignInAttempt attempt, User? user, string password)
    {
        var share = LineShare.Of(attempt);
        var check = await passwords.CheckAsync(password, user?.HashedPassword, share, context.RequestAborted);
        if (check == PasswordCheck.TooBusy)
        {
            limiter.Undo(attempt);
            LogTooBusy();
            await RefuseForNowAsync(context, PasswordVerifier.BusyTime, "Too many clients are signing in");
        }
        else if (check != PasswordCheck.Matches || user is null)
        {
            Refuse(context, attempt);
        }
        else if (await developmentAccount.IsRefusedAsync(user))
        {
            limiter.Failed(attempt);
            await ErrorResponses.WriteDetailAsync(
                context, StatusCodes.Status403Forbidden, DevelopmentAccount.Refusal);
        }
        else if (await sessions.StartAsync(context, user))
        {
            limiter.Succeeded(attempt);
            await AnswerAsync(context, SessionUser.Of(user));
        }
        else
        {
            Refuse(context, attempt);
        }
    }

    // The same answer to a wrong password and to an unknown address, so that it does not reveal who has an account.
    private void Refuse(HttpContext context, SignInAttempt attempt)
    {
        limiter.Failed(attempt);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }

    private static Task RefuseForNowAsync(HttpContext context, TimeSpan wait, string reason)
    {
        var seconds = (long)Math.Ceiling(wait.TotalSeconds);
        return ErrorResponses.WriteTooManyAsync(context, wait, $"{reason}: try again in {seconds} seconds.");
    }

    private void LogTooBusy()
    {
        if (_throttle.Allows(out var leftOut))
        {
            Log.TooBusy(logger, passwords.Waiting, leftOut);
        }
    }

    private async Task SignOutAsync(HttpContext context)
    {
        await sessions.EndAsync(context);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static string TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    private static Task AnswerAsync(HttpContext context, SessionUser user) => context.WriteJsonAsync(
        StatusCodes.Status200OK, new SessionAnswer(user), SessionJson.Default.SessionAnswer);

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "Sign-ins are refused for now: {Waiting} passwords wait to be compared. "
            + "{LeftOut} more sign-ins were refused since the last such line.")]
        public static partial void TooBusy(ILogger logger, int waiting, int leftOut);
    }
}

/// <summary><c>{"data":{"id":1,"is_admin":true,"name":"…"}}</c></summary>
internal sealed record SessionAnswer(SessionUser Data);

internal sealed record SessionUser(long Id, bool IsAdmin, string Name)
{
    public static SessionUser Of(User user) => new(user.Id, user.IsAdmin, user.Name ?? "");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SessionAnswer))]
internal sealed partial class SessionJson : JsonSerializerContext;
