using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>
/// Puts the names in a folder on the disk: a file that was renamed keeps its new name over a power cut.
/// </summary>
internal static partial class FolderSync
{
    /// <summary>
    /// Syncs the folder of a file. Where a folder cannot be synced, the system does so in its own time.
    /// </summary>
    public static void Run(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new SafeFileHandle(Open(Path.GetDirectoryName(path) ?? "", flags: 0), ownsHandle: true);
        if (!folder.IsInvalid)
        {
            RandomAccess.FlushToDisk(folder);
        }
    }

    // .NET opens no folders. 0: to read it.
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
