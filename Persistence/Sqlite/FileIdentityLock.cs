using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// A lock on a file itself, whatever name it was opened under: a hard link, or a single file that a container mounts.
/// Linux only: there, locks of "open file descriptions" (fcntl(2)) can live beside SQLite's own. They are on another
/// byte, and nothing that SQLite opens or closes affects them.
/// </summary>
internal sealed partial class FileIdentityLock : IDisposable
{
    private const int ReadOnly = 0; // O_RDONLY
    private const int ReadAndWrite = 2; // O_RDWR
    private const int NewFile = 0xC0; // O_CREAT | O_EXCL: an error if the name exists, even as a link
    private const int NotBlocking = 0x800; // O_NONBLOCK: does not wait for the writer of a named pipe
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int OwnerOnly = 0x180; // 0600
    private const int FindLock = 36; // F_OFD_GETLK, asm-generic/fcntl.h
    private const int SetLock = 37; // F_OFD_SETLK
    private const short WriteLock = 1; // F_WRLCK
    private const short NoLock = 2; // F_UNLCK
    private const int WouldBlock = 11; // EAGAIN
    private const int AccessDenied = 13; // EACCES, which fcntl(2) allows as well
    private const int NotPermitted = 1; // EPERM

    // Far beyond SQLite's lock bytes (https://www.sqlite.org/lockingv3.html: from 0x40000000) and any content.
    private const long LockedByte = long.MaxValue - 1;

    // The bytes that SQLite locks: PENDING_BYTE and those after it, https://www.sqlite.org/lockingv3.html.
    private const long SqliteByte = 0x40000000;
    private const long SqliteBytes = 512;

    // O_NOFOLLOW: a link at the end of the path is not followed; callers resolve the links that may be there. The value
    // differs between processors.
    private static readonly int NotFollowing =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    private readonly SafeFileHandle _file;

    private FileIdentityLock(SafeFileHandle file) => _file = file;

    /// <summary>
    /// Takes the lock. Must be called before SQLite opens the file in this process, and be disposed of after SQLite has
    /// closed it: closing any handle of the file drops SQLite's locks (https://www.sqlite.org/howtocorrupt.html,
    /// section 2.2).
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="taken">The lock; <c>null</c> if the file is missing or the system has no such locks.</param>
    /// <returns>Whether no one else has the lock.</returns>
    public static bool TryTake(string path, out FileIdentityLock? taken)
    {
        taken = null;
        if (TryOpen(path, ReadAndWrite) is not { } file)
        {
            return true;
        }

        var range = TheByte();
        if (Control(file, SetLock, ref range) == 0)
        {
            taken = new FileIdentityLock(file);
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        file.Dispose();
        // On a file system without locks, only the lock on the name remains.
        return error is not (WouldBlock or AccessDenied);
    }

    /// <summary>Whether this system has such locks.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Makes a file that only its owner can read, under an unused name, and takes its lock.</summary>
    /// <returns>The lock; <c>null</c> where the system has no such locks.</returns>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not make it.</exception>
    public static FileIdentityLock? Create(string path)
    {
        if (!IsSupported)
        {
            PrivateFiles.Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite).Dispose();
            return null;
        }

        var file = new SafeFileHandle(Open(path, ReadAndWrite | NewFile | CloseOnExec, OwnerOnly), ownsHandle: true);
        if (file.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            file.Dispose();
            var message = Marshal.GetPInvokeErrorMessage(error);
            throw error is AccessDenied or NotPermitted
                ? new UnauthorizedAccessException(message)
                : new IOException(message);
        }

        // On a file system without locks the file stays unlocked; it is ours all the same.
        var range = TheByte();
        _ = Control(file, SetLock, ref range);
        return new FileIdentityLock(file);
    }

    /// <summary>Whether an SQLite connection, of this process or another, holds a lock on this very file.</summary>
    public bool IsLockedBySqlite
    {
        get
        {
            var range = new LockRange { Type = WriteLock, Start = SqliteByte, Length = SqliteBytes };
            return Control(_file, FindLock, ref range) == 0 && range.Type != NoLock;
        }
    }

    /// <summary>Whether the lock is taken. Must be called before SQLite opens the file in this process.</summary>
    public static bool IsTaken(string path)
    {
        using var file = TryOpen(path, ReadOnly);
        var range = TheByte();
        return file is not null && Control(file, FindLock, ref range) == 0 && range.Type != NoLock;
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose()
    {
        if (!_file.IsClosed)
        {
            // Closing the handle is not enough: a process that is just being started has a copy of it until its exec.
            var range = TheByte() with { Type = NoLock };
            _ = Control(_file, SetLock, ref range);
        }

        _file.Dispose();
    }

    private static LockRange TheByte() => new() { Type = WriteLock, Start = LockedByte, Length = 1 };

    /// <returns><c>null</c> if the file is missing, or is unusable: SQLite will then say why.</returns>
    // .NET's own files are locked as a whole with flock(2), which on some network file systems conflicts with SQLite's
    // locks.
    private static SafeFileHandle? TryOpen(string path, int access)
    {
        if (!IsSupported)
        {
            return null;
        }

        var flags = access | CloseOnExec | NotFollowing | NotBlocking;
        var file = new SafeFileHandle(Open(path, flags, mode: 0), ownsHandle: true);
        if (file.IsInvalid)
        {
            file.Dispose();
            return null;
        }

        return file;
    }

    // On Linux, a variadic function is called like any other.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, ref LockRange range);

    // struct flock of 64-bit Linux.
    private struct LockRange
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }
}
