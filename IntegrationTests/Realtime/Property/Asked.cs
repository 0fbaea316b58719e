namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>What a screen asks for when it joins, and what it then already has.</summary>
internal sealed record Asked(ScreenView View, Since Since, ScreenState? Base)
{
    private const string ForeignEpoch = "0123456789abcdef0123456789abcdef";
    private const long FarAhead = 1_000_000;

    /// <summary>The join's payload.</summary>
    public string Payload => Since switch
    {
        Since.Nothing => $$"""{"options":{{View.Options}}}""",
        Since.Foreign => WithPosition(ForeignEpoch, Base!.Seq),
        Since.Future => WithPosition(Base!.Epoch, Base.Seq + FarAhead),
        _ => WithPosition(Base!.Epoch, Base.Seq),
    };

    private string WithPosition(string epoch, long seq) =>
        $$$"""{"options":{{{View.Options}}},"since":{"epoch":"{{{epoch}}}","seq":{{{seq}}}}}""";
}
