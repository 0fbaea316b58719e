using Kaffediem.Persistence.Stores;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Catalog;
using Kaffediem.Server.Commands;
using Kaffediem.Server.Content;
using Kaffediem.Server.Events;
using Kaffediem.Server.Hosting;
using Kaffediem.Server.Http;
using Kaffediem.Server.Images;
using Kaffediem.Server.Observability;
using Kaffediem.Server.OpenApi;
using Kaffediem.Server.Orders;
using Kaffediem.Server.Pipeline;
using Kaffediem.Server.Realtime;
using Kaffediem.Server.Records;

if (Command.IsAskedFor(args))
{
    return await Command.RunAsync(args);
}

var hasStarted = false;
try
{
    ServerArguments.Check(args);
    // The slim builder leaves out what this server never uses but would load at every start: IIS, HTTP/3, the logs of
    // Windows and of debuggers. Settings files are not watched, because settings are read once.
    var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
    builder.WebHost.UseKestrelHttpsConfiguration();
    builder.AddDefaults();
    var auth = builder.Configuration.Read(new AuthOptionsValidator());
    var crossOrigin = builder.Configuration.Read(new CrossOriginOptionsValidator());
    var database = builder.Configuration.Read(new DatabaseOptionsValidator());
    var images = builder.Configuration.Read(new ImageOptionsValidator());
    var menu = builder.Configuration.Read(new MenuOptionsValidator());
    var orders = builder.Configuration.Read(new OrderOptionsValidator());
    builder.Configuration.Read(new PhoenixOptionsValidator()); // AddRealtime binds the section
    var presence = builder.Configuration.Read(new PresenceOptionsValidator());
    var quota = builder.Configuration.Read(new QuotaOptionsValidator());
    var reads = builder.Configuration.Read(new ReadOptionsValidator());

    // Services
    builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = images.MaxRequestBytes;
        // Bytes that a connection has sent and the server has not read are not counted, so they must be few. HTTP/2
        // limits them by its windows.
        const int MaxUnread = 64 * 1024;
        kestrel.Limits.MaxRequestBufferSize = MaxUnread;
        kestrel.Limits.Http2.InitialConnectionWindowSize = MaxUnread;
        kestrel.Limits.Http2.InitialStreamWindowSize = MaxUnread;
        kestrel.Limits.MinRequestBodyDataRate = BodyLimit.MinDataRate;
        IncompleteRequests.TrackEndpoints(kestrel);
    });
    builder.AddListening(() => hasStarted);
    // On shutdown, requests in flight are finished and every client gets a close frame; connections still open after
    // 20 s are aborted.
    builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddSingleton<IncompleteRequests>();
    builder.Services.AddPersistence(database, orders);
    builder.Services.AddAccounts(auth);
    builder.Services.AddAdmission(reads);
    builder.Services.AddCrossOrigin(crossOrigin);
    builder.Services.AddImages(images);
    builder.Services.AddRecords();
    builder.Services.AddCatalog();
    builder.Services.AddOrders(quota);
    builder.Services.AddContent();
    builder.Services.AddRealtime(menu, presence, builder.Configuration.GetSection("Phoenix"));
    builder.Services.AddEvents();
    builder.Services.AddHealth();
    builder.AddEdge();

    // Pipeline
    await using var app = builder.Build();
    app.ReportVersion();
    await app.PrepareDatabaseAsync(CancellationToken.None);
    app.TightenFiles();
    app.UseEdge();
    app.UseWhen(context => !RealtimeExtensions.IsForSocket(context), api =>
    {
        api.UseCacheHeaders();
        api.UseErrorResponses();
        api.UseUnknownCollection();
        api.UseUploadFault();
        api.UseCrossOrigin(crossOrigin);
    });
    app.UseWhen(EventExtensions.TakesPlace, events => events.UseCaller());
    app.UseWriteAccess();

    // Endpoints
    app.MapCollections();
    app.MapImages();
    app.MapAccounts();
    app.MapHealth();
    app.MapFrontPage();
    app.MapOpenApi();
    app.MapRealtime(crossOrigin);
    app.MapEvents(crossOrigin);

    await app.ListenAsync();
    hasStarted = true;
    await app.ReportStartAsync(CancellationToken.None);
    await app.WaitForShutdownAsync();
    app.ReportStop();
    return 0;
}
// Tools that need only the services end the program with a HostAbortedException.
catch (Exception exception) when (exception is not HostAbortedException)
{
    StartFailure.Report(Console.Error, hasStarted ? "Kaffediem has failed: " : "Kaffediem cannot start: ", exception);
    return 1;
}
