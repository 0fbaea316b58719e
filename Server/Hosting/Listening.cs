namespace Kaffediem.Server.Hosting;

/// <summary>Starts the server.</summary>
internal static class Listening
{
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
