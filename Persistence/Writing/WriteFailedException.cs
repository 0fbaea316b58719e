namespace Kaffediem.Persistence.Writing;

/// <summary>
/// The disk, or whatever else keeps the file from being written, has failed a write: nothing of it is written. The
/// write door has logged it.
/// </summary>
public sealed class WriteFailedException : Exception
{
    internal WriteFailedException(string fault, Exception innerException)
        : base(fault, innerException)
    {
    }
}
