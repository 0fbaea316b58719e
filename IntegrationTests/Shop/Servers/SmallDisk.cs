using System.Diagnostics;
using System.Runtime.Versioning;

namespace Kaffediem.IntegrationTests.Shop.Servers;

/// <summary>
/// A real file system of one to three megabytes for one server process. It is mounted over the process's working
/// directory in a mount namespace that ends with the process: no other process sees it, and nothing is left behind.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class SmallDisk
{
    /// <summary>Freeing this makes room for dozens of orders.</summary>
    public const string Filler = "filler";

    private const string Tmpfs = "mount -t tmpfs -o size=1200k tmpfs .";

    private const string Ext4 =
        "truncate -s 3100K ../disk.img && mkfs.ext4 -q -b 4096 -O ^has_journal -m 0 ../disk.img"
        + " && mount -o loop ../disk.img .";

    // The working directory stays the folder below the mount until the process enters it again.
    private const string Fill = """cd "$PWD" && head -c 300000 /dev/zero > filler""";

    /// <summary>
    /// The shell with which <see cref="ServerProcess"/> starts the server on the disk; skips the test where mounting is
    /// not permitted.
    /// </summary>
    /// <param name="kind"><c>tmpfs</c> or <c>ext4</c>.</param>
    /// <param name="further">What the shell does on the disk before it starts the server.</param>
    public static async Task<string> ShellAsync(string kind, string further = "true")
    {
        var mount = $"{(kind == "ext4" ? Ext4 : Tmpfs)} && {Fill}";
        Assert.SkipUnless(await CanRunAsync(mount), $"This user may not mount a {kind} here.");
        return InNamespace($"{mount} && {further} && exec \"$@\"");
    }

    /// <summary>A path on the disk, as seen from outside its namespace.</summary>
    public static string PathOf(ServerProcess server, string path) => $"/proc/{server.Id}/root{path}";

    // A user who is not root becomes root in a user namespace, where the system permits it.
    private static string InNamespace(string command) =>
        $"""[ "$(id -u)" = 0 ] && as=-m || as=-rm; exec unshare $as sh -c '{command}' sh "$@" """;

    private static async Task<bool> CanRunAsync(string command)
    {
        var folder = Directory.CreateTempSubdirectory("kaffediem-");
        try
        {
            var start = new ProcessStartInfo("sh", ["-c", InNamespace(command)])
            {
                WorkingDirectory = folder.CreateSubdirectory("disk").FullName,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
