namespace Kaffediem.Persistence.Writing;

/// <summary>
/// The disk, or something else that makes the database unwritable, has failed a write. Nothing of it was written, and
/// the write door has logged the failure.
/// </summary>
public sealed class WriteFailedException : Exception
{
    internal WriteFailedException(string fault, Exception innerException)
        : base(fault, innerException)
    {
    }
}
