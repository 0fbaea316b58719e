namespace Kaffediem.Server.Admission;

/// <summary>
/// The two halves of a budget of unsent bytes, as large as each other: what strangers do not read is never in the way
/// of signed-in users.
/// </summary>
internal sealed class UnsentBudgets(ReadOptions options, TimeProvider time)
{
    private readonly UnsentAnswers _ofStrangers = new(options.MaxUnsentBytes, options.MaxUnsentBytesPerAddress, time);
    private readonly UnsentAnswers _ofUsers = new(options.MaxUnsentBytes, options.MaxUnsentBytesPerAddress, time);

    /// <summary>The half that an asker's bytes are counted in.</summary>
    public UnsentAnswers Of(Asker asker) => asker.IsUser ? _ofUsers : _ofStrangers;
}
