namespace Kaffediem.Server.Commands;

/// <summary>The exit codes of the commands (docs/operating.md).</summary>
internal static class ExitCode
{
    /// <summary>Done, or in order.</summary>
    public const int Done = 0;

    /// <summary>Refused or failed, or not in order; the reason is on the standard error.</summary>
    public const int Refused = 1;

    /// <summary>The words on the command line make no sense.</summary>
    public const int NotUnderstood = 2;
}
