using System.Text.Json.Serialization;
using Kaffediem.Persistence;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Observability;

/// <summary><c>/health</c>: 200 while the database can be read.</summary>
internal static class Health
{
    public static void MapHealth(this WebApplication app)
    {
        var database = app.Services.GetRequiredService<Database>();
        app.MapMethods("/health", [HttpMethods.Get, HttpMethods.Head], async context =>
        {
            var position = await database.ReadAsync(transaction => transaction.Position, context.RequestAborted);
            var health = new HealthAnswer("ok", position.Seq, position.Epoch);
            await context.WriteJsonAsync(StatusCodes.Status200OK, health, HealthJson.Default.HealthAnswer);
        });
    }
}

/// <summary><c>{"status":"ok","seq":12,"epoch":"…"}</c></summary>
internal sealed record HealthAnswer(string Status, long Seq, string Epoch);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
