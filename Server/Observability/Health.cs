using System.Text.Json.Serialization;
using Kaffediem.Persistence;
using Kaffediem.Server.Background;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Observability;

/// <summary>
/// <c>/health</c>: 200 while the database can be read. <c>/health/live</c>: 200 while the process answers at all.
/// <c>/health/ready</c>: 200 while writes are accepted and their changes broadcast, otherwise 503 and why.
/// </summary>
internal static class Health
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void AddHealth(this IServiceCollection services)
    {
        services.AddSingleton<Readiness>();
        services.AddPeriodicWork<WriteProbe>();
    }

    public static void MapHealth(this WebApplication app)
    {
        var database = app.Services.GetRequiredService<Database>();
        var readiness = app.Services.GetRequiredService<Readiness>();
        app.MapMethods("/health", Methods, context => AnswerAsync(context, database));
        app.MapMethods("/health/ready", Methods, context => AnswerAsync(context, readiness));
        // Checks nothing else: restarting the process because its disk is full would not help.
        app.MapMethods("/health/live", Methods, context => context.WriteJsonAsync(
            StatusCodes.Status200OK, new LivenessAnswer("ok"), HealthJson.Default.LivenessAnswer));
    }

    private static async Task AnswerAsync(HttpContext context, Database database)
    {
        var position = await database.ReadAsync(transaction => transaction.Position, context.RequestAborted);
        var health = new HealthAnswer("ok", position.Seq, position.Epoch);
        await context.WriteJsonAsync(StatusCodes.Status200OK, health, HealthJson.Default.HealthAnswer);
    }

    private static Task AnswerAsync(HttpContext context, Readiness readiness)
    {
        var reasons = readiness.FindObstacles();
        var (code, status) = reasons.Count == 0
            ? (StatusCodes.Status200OK, "ok")
            : (StatusCodes.Status503ServiceUnavailable, "unavailable");
        return context.WriteJsonAsync(code, new ReadinessAnswer(status, reasons), HealthJson.Default.ReadinessAnswer);
    }
}

/// <summary><c>{"status":"ok","seq":12,"epoch":"…"}</c></summary>
internal sealed record HealthAnswer(string Status, long Seq, string Epoch);

/// <summary><c>{"status":"ok"}</c></summary>
internal sealed record LivenessAnswer(string Status);

/// <summary><c>{"status":"ok","reasons":[]}</c>, or <c>unavailable</c> and a line for each reason.</summary>
internal sealed record ReadinessAnswer(string Status, IReadOnlyList<string> Reasons);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(LivenessAnswer))]
[JsonSerializable(typeof(ReadinessAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
