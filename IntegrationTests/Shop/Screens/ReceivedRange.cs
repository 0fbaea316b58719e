namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>What a screen was told in one go: nothing that it may see between the two ends may be missing.</summary>
internal sealed class ReceivedRange(ScreenView view, long from)
{
    public ScreenView View => view;

    /// <summary>The seq of the snapshot it begins with, or of what the screen had.</summary>
    public long From { get; } = from;

    /// <summary>The seq up to which it has been told.</summary>
    public long To { get; set; } = from;

    /// <summary>The changes, in the order they came.</summary>
    public List<long> Seqs { get; } = [];

    public void Add(long seq)
    {
        To = seq;
        Seqs.Add(seq);
    }
}
