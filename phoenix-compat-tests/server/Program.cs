using Kaffediem.CompatServer;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection;

// A server with Protocol alone, whose channels do what phoenix-compat-tests ask for. Settings:
// --Phoenix:<name in PhoenixOptions>, and --Origins, the comma-separated origins of pages that may connect.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
builder.Services.AddPhoenix(builder.Configuration.GetSection("Phoenix").Bind);
builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
builder.Services.AddAuthentication().AddBearerToken(options => options.Events = new BearerTokenEvents
{
    OnMessageReceived = context =>
    {
        context.Token = context.Request.GetPhoenixAuthToken();
        return Task.CompletedTask;
    },
});
builder.Services.AddAuthorization();
var origins = builder.Configuration["Origins"]?.Split(',') ?? [];

await using var app = builder.Build();
app.MapPhoenixSocket<CompatSocket>("/socket", socket => socket.CheckOrigin = OriginCheck.Allow(origins));
app.MapPhoenixSocket<CompatSocket>("/members").RequireAuthorization();
app.MapControl();
app.Lifetime.ApplicationStarted.Register(() => StartReport.Listening(app.Logger, string.Join(", ", app.Urls)));
try
{
    await app.RunAsync();
    return 0;
}
catch (IOException exception) when (exception.InnerException is AddressInUseException)
{
    await Console.Error.WriteLineAsync($"CompatServer cannot start: {exception.InnerException.Message}");
    return 1;
}
