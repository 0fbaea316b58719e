using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>
/// Syncs the names in a folder to the disk, so that a renamed file keeps its new name after a power cut.
/// </summary>
internal static partial class FolderSync
{
    /// <summary>
    /// Syncs the folder of a file. Systems that cannot sync a folder write it to the disk later.
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

    // .NET cannot open folders. 0 is O_RDONLY.
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
