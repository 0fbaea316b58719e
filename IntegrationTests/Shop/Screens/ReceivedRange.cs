namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// The changes that a screen received without a break: none that it may see between both ends may be missing.
/// </summary>
internal sealed class ReceivedRange(ScreenView view, long from)
{
    public ScreenView View => view;

    /// <summary>The seq of the snapshot that it begins with, or of the state that the screen had.</summary>
    public long From { get; } = from;

    /// <summary>The seq up to which it has received changes.</summary>
    public long To { get; set; } = from;

    /// <summary>The changes, in order of arrival.</summary>
    public List<long> Seqs { get; } = [];

    public void Add(long seq)
    {
        To = seq;
        Seqs.Add(seq);
    }
}
