using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kaffediem.IntegrationTests.Support.Channels;

/// <summary>
/// An application that knows nothing of coffee: the protocol library, some channels, and a real Kestrel.
/// </summary>
internal sealed class PhoenixApp : IAsyncDisposable
{
    /// <summary>A development certificate made here: no test depends on the machine's certificates.</summary>
    public static readonly Lazy<X509Certificate2> Certificate = new(() =>
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    });

    private readonly WebApplication _app;

    private PhoenixApp(WebApplication app, LogVerifier logs) => (_app, Logs) = (app, logs);

    public LogVerifier Logs { get; }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public TestState State => _app.Services.GetRequiredService<TestState>();

    public PhoenixEndpoint Endpoint => _app.Services.GetRequiredService<PhoenixEndpoint>();

    public Presence Presence => _app.Services.GetRequiredService<Presence>();

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts it; the builder and application callbacks run last, before it listens.</summary>
    public static async Task<PhoenixApp> StartAsync(
        Action<PhoenixOptions>? configure = null,
        bool useTls = false,
        TimeProvider? time = null,
        Action<PhoenixSocketOptions>? configureSocket = null,
        Action<WebApplicationBuilder>? configureBuilder = null,
        Action<WebApplication>? configureApp = null,
        bool usePhoenix = true,
        string? environment = null)
    {
        var logs = new LogVerifier();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            if (usePhoenix)
            {
                kestrel.UsePhoenix();
            }

            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (useTls)
                {
                    listen.UseHttps(Certificate.Value);
                }
            });
        });
        builder.Services.AddSingleton<TestState>();
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddPhoenix(options =>
        {
            // In real time a session must not end because the machine is busy.
            options.LongPollWindow = time is null ? TimeSpan.FromSeconds(60) : options.LongPollWindow;
            configure?.Invoke(options);
        });
        configureBuilder?.Invoke(builder);
        var app = builder.Build();
        app.MapPhoenixSocket<TestSocket>("/socket", configureSocket);
        app.MapPhoenixSocket<PlainSocket>("/plain");
        configureApp?.Invoke(app);
        await app.StartAsync();
        return new PhoenixApp(app, logs);
    }

    public Task<WireClient> ConnectAsync(int version = 2) => WireClient.ConnectAsync(Address, version);

    public Task<WireClient> ConnectAsync(Wire wire, string path = "/socket") => wire.IsLongPoll
        ? WireClient.PollAsync(Address, wire.Version, path)
        : WireClient.ConnectAsync(Address, wire.Version, path);

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        // Before the services are disposed of: channels that are joining still use them.
        await _app.StopAsync();
        await _app.DisposeAsync();
        Logs.Verify();
    }
}

/// <summary>Shared by tests and channels.</summary>
internal sealed class TestState
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();

    public BlockingCollection<string> Events { get; } = [];

    /// <summary>Channels that the test calls.</summary>
    public ConcurrentDictionary<string, Channel> Channels { get; } = new();

    /// <summary>Messages that the test replies to.</summary>
    public BlockingCollection<SocketRef> Refs { get; } = [];

    /// <summary>The connects of <see cref="TestSocket"/>.</summary>
    public ConcurrentQueue<(JsonObject Params, ConnectInfo Info)> Connects { get; } = [];

    /// <summary>A handler waits here until the test opens it.</summary>
    public Task WaitAsync(string gate, CancellationToken cancellationToken) =>
        Gate(gate).Task.WaitAsync(cancellationToken);

    public void Open(string gate) => Gate(gate).TrySetResult();

    /// <summary>Waits for the next event that a channel reports.</summary>
    public string NextEvent() =>
        Events.TryTake(out var next, Patience.Limit)
            ? next
            : throw new TimeoutException("No channel reported an event.");

    /// <summary>Waits for the next message that the test has to reply to.</summary>
    public SocketRef NextRef() =>
        Refs.TryTake(out var next, Patience.Limit) ? next : throw new TimeoutException("Nothing was left.");

    private TaskCompletionSource Gate(string gate) =>
        _gates.GetOrAdd(gate, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
