using Kaffediem.CompatServer;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Connections;

// Protocol alone, with channels that do as phoenix-compat-tests tell them. Settings: --Phoenix:<name in PhoenixOptions>,
// and --Origins, comma separated, the pages that may connect.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
builder.Services.AddPhoenix(builder.Configuration.GetSection("Phoenix").Bind);
var origins = builder.Configuration["Origins"]?.Split(',') ?? [];

await using var app = builder.Build();
app.MapPhoenixSocket<CompatSocket>("/socket", socket => socket.CheckOrigin = OriginCheck.Allow(origins));
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
