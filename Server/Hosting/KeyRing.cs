using Kaffediem.Persistence.Sqlite;
using Microsoft.AspNetCore.DataProtection;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// The keys of ASP.NET Core's data protection, in the folder <c>keys</c> beside the database: what is protected with
/// them can still be read after a restart, and on the machine the shop's folder is moved to. Sessions do not depend on
/// them: their tokens are random, and known to the database.
/// </summary>
internal static class KeyRing
{
    public static void AddKeyRing(this WebApplicationBuilder builder, DatabaseOptions options)
    {
        var folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.Path))!, "keys");
        builder.Services.AddDataProtection()
            .SetApplicationName("Kaffediem")
            .PersistKeysToFileSystem(new DirectoryInfo(folder));

        // Its service would read the keys at every start, which is XML. Who first protects something reads them.
        builder.Services.Remove(builder.Services.Single(service =>
            service.ServiceType == typeof(IHostedService)
            && service.ImplementationType?.Assembly == typeof(DataProtectionOptions).Assembly));

        // It warns that the keys are not encrypted. With what could they be? The folder is the owner's alone instead.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Services.AddSingleton(new KeyFolder(folder));
    }

    /// <summary>Makes the folder. After the database is opened, which says what is wrong with its own.</summary>
    /// <exception cref="StartException">There can be no such folder, or nothing be written to it.</exception>
    public static void PrepareKeyRing(this WebApplication app)
    {
        var folder = app.Services.GetRequiredService<KeyFolder>().Path;
        try
        {
            PrivateFiles.CreateFolder(folder);
            using var probe = new FileStream(Path.Combine(folder, Path.GetRandomFileName()), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{folder} must be a folder that this user can write keys to.", exception);
        }
    }
}

/// <summary>The folder of the keys.</summary>
internal sealed record KeyFolder(string Path);
