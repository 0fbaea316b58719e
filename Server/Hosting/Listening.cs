namespace Kaffediem.Server.Hosting;

/// <summary>Makes the server listen.</summary>
internal static class Listening
{
    /// <summary>Binds the sockets, and keeps failures to do so out of the log.</summary>
    /// <param name="builder">The builder of the server.</param>
    /// <param name="hasStarted">Whether the server has started.</param>
    public static void AddListening(this WebApplicationBuilder builder, Func<bool> hasStarted)
    {
        builder.WebHost.UseSockets(ListenSocket.Configure);
        // The host would log a failed start with its stack trace, before StartFailure writes its one line.
        builder.Logging.AddFilter(
            "Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Information && hasStarted());
    }

    /// <summary>Starts the server.</summary>
    /// <exception cref="StartException">A certificate keeps it from listening.</exception>
    public static async Task ListenAsync(this WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception exception)
            when (CertificateFault.Describe(app.Environment, app.Configuration, exception) is { } reason)
        {
            throw new StartException(reason, exception);
        }
    }
}
