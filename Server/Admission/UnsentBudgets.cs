namespace Kaffediem.Server.Admission;

/// <summary>
/// The two halves of a budget of unsent bytes, of the same size: answers that strangers do not read never use up the
/// half of signed-in users.
/// </summary>
internal sealed class UnsentBudgets(ReadOptions options, TimeProvider time)
{
    private readonly UnsentAnswers _ofStrangers = new(options.MaxUnsentBytes, options.MaxUnsentBytesPerAddress, time);
    private readonly UnsentAnswers _ofUsers = new(options.MaxUnsentBytes, options.MaxUnsentBytesPerAddress, time);

    /// <summary>The half in which an asker's bytes are counted.</summary>
    public UnsentAnswers Of(Asker asker) => asker.IsUser ? _ofUsers : _ofStrangers;
}
