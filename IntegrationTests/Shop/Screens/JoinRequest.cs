namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>What a screen asks for when it joins, and what it then already has.</summary>
internal sealed record JoinRequest(ScreenView View, ResumeFrom Since, ScreenState? Base)
{
    private const string ForeignEpoch = "0123456789abcdef0123456789abcdef";
    private const long FarAhead = 1_000_000;

    /// <summary>The join's payload.</summary>
    public string Payload => Since switch
    {
        ResumeFrom.Nothing => $$"""{"options":{{View.Options}}}""",
        ResumeFrom.Foreign => WithPosition(ForeignEpoch, Base!.Seq),
        ResumeFrom.Future => WithPosition(Base!.Epoch, Base.Seq + FarAhead),
        _ => WithPosition(Base!.Epoch, Base.Seq),
    };

    private string WithPosition(string epoch, long seq) =>
        $$$"""{"options":{{{View.Options}}},"since":{"epoch":"{{{epoch}}}","seq":{{{seq}}}}}""";
}
