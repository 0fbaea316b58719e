using Kaffediem.Persistence;
using Kaffediem.Protocol;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Catalog;
using Kaffediem.Server.Commands;
using Kaffediem.Server.Content;
using Kaffediem.Server.Hosting;
using Kaffediem.Server.Http;
using Kaffediem.Server.Images;
using Kaffediem.Server.Observability;
using Kaffediem.Server.OpenApi;
using Kaffediem.Server.Orders;
using Kaffediem.Server.Realtime;

if (Command.IsAskedFor(args))
{
    return await Command.RunAsync(args);
}

try
{
    // Without what nobody uses here and every start would load: IIS, HTTP/3, logs of Windows and for debuggers.
    // Nor is a settings file watched: settings are read once.
    var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
    builder.WebHost.UseKestrelHttpsConfiguration();
    builder.AddDefaults();
    var auth = builder.Configuration.Read("Auth", new AuthOptionsValidator());
    var crossOrigin = builder.Configuration.Read("Cors", new CrossOriginOptionsValidator());
    var database = builder.Configuration.Read("Database", new DatabaseOptionsValidator());
    var images = builder.Configuration.Read("Images", new ImageOptionsValidator());
    var menu = builder.Configuration.Read("Menu", new MenuOptionsValidator());
    var orders = builder.Configuration.Read("Orders", new OrderOptionsValidator());

    // Services
    builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = images.MaxRequestBytes;
        kestrel.UsePhoenix();
    });
    // The default backlog of 512 makes some of a thousand reconnecting screens wait a second for their SYN's retry.
    builder.WebHost.UseSockets(sockets => sockets.Backlog = 8192);
    // What is accepted is finished and everyone told goodbye; who has not let go by then is cut off.
    builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddPersistence(database, orders);
    builder.Services.AddAccounts(auth);
    builder.Services.AddCrossOrigin(crossOrigin);
    builder.Services.AddCatalog();
    builder.Services.AddImages(images);
    builder.Services.AddOrders();
    builder.Services.AddRealtime(menu);
    builder.Services.AddHealth();
    builder.AddProxies();
    builder.AddKeyRing(database);

    // Pipeline
    await using var app = builder.Build();
    await app.PrepareDatabaseAsync(CancellationToken.None);
    app.PrepareKeyRing();
    app.UseProxies();
    app.UseWhen(context => !RealtimeExtensions.IsForSocket(context), api =>
    {
        api.UseCacheHeaders();
        api.UseErrorResponses();
        api.UseCrossOrigin(crossOrigin);
    });
    app.UseWhen(RealtimeExtensions.IsForSocket, socket => socket.UseSignedInUser());
    app.UseWriteAccess();

    // Endpoints
    app.MapCatalog();
    app.MapImages();
    app.MapContent();
    app.MapOrders();
    app.MapAccounts();
    app.MapHealth();
    app.MapFrontPage();
    app.MapOpenApi();
    app.MapRealtime(crossOrigin);

    await app.StartAsync();
    await app.ReportStartAsync(CancellationToken.None);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception exception) when (StartFailure.Describe(exception) is { } reason)
{
    await Console.Error.WriteLineAsync($"Kaffediem cannot start: {reason}");
    return 1;
}
