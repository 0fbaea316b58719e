using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kaffediem.Protocol;

/// <summary>Registers Phoenix channels.</summary>
public static class PhoenixServiceExtensions
{
    /// <summary>Registers what sockets need, and <see cref="PhoenixEndpoint"/> for broadcasting from outside, and
    /// <see cref="Presence"/>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes limits and timeouts; checked when the application starts.</param>
    public static IServiceCollection AddPhoenix(
        this IServiceCollection services, Action<PhoenixOptions>? configure = null)
    {
        services.AddOptions<PhoenixOptions>()
            .Configure<IServiceProvider>(LogMessagesInDevelopment).Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<PhoenixOptions>, PhoenixOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddHostedService<SocketDrain>();
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<PhoenixOptions>>().Value);
        services.TryAddSingleton<SerializerNegotiation>();
        services.TryAddSingleton<PubSub>();
        services.TryAddSingleton(provider => new Presence(
            provider.GetRequiredService<PubSub>(), provider.GetRequiredService<PhoenixOptions>()));
        services.TryAddSingleton<FlushLoop>();
        services.TryAddSingleton<SocketRegistry>();
        services.TryAddSingleton<UnprovenSessions>();
        services.AddMetrics().TryAddSingleton(provider =>
        {
            var registry = provider.GetRequiredService<SocketRegistry>();
            return new PhoenixMetrics(
                provider.GetRequiredService<IMeterFactory>(), readOutboxBytes: () => registry.PendingBytes);
        });
        services.TryAddSingleton(provider => new ConnectionRefusals(
            provider.GetRequiredService<PhoenixMetrics>(),
            new LogThrottle(provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<ILogger<PhoenixSocket>>()));
        services.TryAddSingleton(provider => new UnfinishedInput(
            provider.GetRequiredService<PhoenixOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<UnfinishedInput>>()));
        services.TryAddSingleton<ReplyBudgets>();
        services.TryAddSingleton(provider => new OriginRefusals(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<OriginRefusals>>()));
        services.TryAddSingleton<Activation>();
        services.TryAddSingleton<SocketServices>();
        services.TryAddSingleton(provider => new PhoenixEndpoint(
            provider.GetRequiredService<PubSub>(),
            provider.GetRequiredService<FlushLoop>(),
            provider.GetRequiredService<SocketRegistry>(),
            provider.GetRequiredService<ConnectionRefusals>()));
        return services;
    }

    // Services without a host, for example in a test, are not in Development.
    private static void LogMessagesInDevelopment(PhoenixOptions options, IServiceProvider provider) =>
        options.LogExceptionMessages = provider.GetService<IHostEnvironment>()?.IsDevelopment() is true;
}
