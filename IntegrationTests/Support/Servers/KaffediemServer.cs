using Kaffediem.Persistence;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kaffediem.IntegrationTests.Support.Servers;

/// <summary>
/// The real server on a free port with its own database file. Disposing of it fails the test on unexpected warnings.
/// </summary>
public sealed class KaffediemServer : IAsyncDisposable
{
    private static readonly string SampleDatabase = Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db");
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kaffediem-");
    private readonly Factory _factory;
    private readonly Database _database;
    private readonly bool _isDevelopment;

    private KaffediemServer(ServerSetup setup)
    {
        _isDevelopment = setup.Environment == "Development";
        DatabasePath = setup.DatabasePath ?? Path.Combine(_directory.FullName, "kaffediem.db");
        if (setup is { IsFirstRun: false, DatabasePath: null })
        {
            File.Copy(SampleDatabase, DatabasePath);
            if (!_isDevelopment)
            {
                Administrator.GiveOwnPassword(DatabasePath);
            }
        }

        _factory = new Factory(setup, DatabasePath, Logs);
        _factory.UseKestrel();
        _factory.StartServer();
        _database = Services.GetRequiredService<Database>();
        var addresses = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        BaseAddress = new Uri(addresses.Single());
    }

    /// <summary>For example <c>http://127.0.0.1:43123/</c>.</summary>
    public Uri BaseAddress { get; }

    public string DatabasePath { get; }

    public LogVerifier Logs { get; } = new();

    public IServiceProvider Services => _factory.Services;

    /// <summary>Starts a server; by default in Development, on a copy of the sample database.</summary>
    public static KaffediemServer Start(ServerSetup? setup = null) => new(setup ?? new ServerSetup());

    /// <summary>A client that keeps its cookies, like a browser.</summary>
    public RestClient CreateClient() => new(BaseAddress)
    {
        Password = _isDevelopment ? Administrator.PublishedPassword : Administrator.Password,
    };

    /// <summary>Stops the server and keeps its database for the next server.</summary>
    public async Task StopAsync()
    {
        await _factory.DisposeAsync();
        // The program disposes of its services on its own thread: the next server must not find the file open.
        await _database.DisposeAsync();
        Logs.Verify();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Delete(recursive: true);
    }

    private sealed class Factory(ServerSetup setup, string databasePath, LogVerifier logs)
        : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment(setup.Environment);
            // Not as UseKestrel's argument: the factory would set it while the program, on its own thread, may have
            // started already ("Addresses cannot be modified after the server has started").
            builder.UseSetting("urls", "http://127.0.0.1:0");
            builder.UseSetting("Database:Path", databasePath);
            foreach (var (name, value) in setup.Settings)
            {
                builder.UseSetting(name, value);
            }

            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(logs));
            builder.ConfigureTestServices(setup.ConfigureServices);
        }
    }
}
