using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Sqlite.Maintenance;
using Kaffediem.Server.Hosting;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Commands;

/// <summary><c>backup</c>, <c>restore</c>, <c>check</c>: what is done to the database as a file.</summary>
internal sealed class FileCommand(FileArguments arguments, TextWriter output, TextWriter error)
{
    private const int Done = 0;
    private const int Refused = 1;

    /// <returns>The exit code: 0 done, or in order; 1 not.</returns>
    public int Run()
    {
        try
        {
            var (options, _) = ServerSettings.Read(arguments.Settings, error);
            return arguments.Action switch
            {
                FileAction.Backup => Backup(options),
                FileAction.Restore => Restore(options),
                _ => Check(options),
            };
        }
        catch (Exception exception)
        {
            StartFailure.Report(error, "", exception);
            return Refused;
        }
    }

    private int Backup(DatabaseOptions options)
    {
        var backup = DatabaseBackup.Make(options, arguments.File, arguments.IsForced, output.WriteLine);
        output.WriteLine(
            $"Backed up {options.Path} to {backup.Path}: {backup.Pages} pages, {backup.Bytes} bytes, "
            + $"up to change {backup.LastSeq}. The copy was checked.");
        return Done;
    }

    private int Restore(DatabaseOptions options)
    {
        var restored = DatabaseRestore.Run(options, arguments.File, TimeProvider.System, output.WriteLine);
        output.WriteLine(
            $"Restored {arguments.File} to {restored.Path}: {restored.Pages} pages, up to change {restored.LastSeq}. "
            + "Clients load everything anew.");
        if (restored.Kept is { } kept)
        {
            output.WriteLine($"What was there before is kept: {kept}");
        }

        return Done;
    }

    private int Check(DatabaseOptions options)
    {
        var database = DatabaseCheck.Run(options);
        var images = ImageCheck.Run(Path.GetFullPath(options.Path), database.Images);
        foreach (var fact in database.Facts.Concat(images.Facts))
        {
            output.WriteLine(fact);
        }

        var problems = database.Problems.Concat(images.Problems).ToList();
        foreach (var problem in problems)
        {
            error.WriteLine(problem);
        }

        output.WriteLine(problems.Count == 0 ? "Everything is in order." : "This is not in order.");
        return problems.Count == 0 ? Done : Refused;
    }
}
