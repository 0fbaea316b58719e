namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>The state that a screen resumes from.</summary>
internal enum ResumeFrom
{
    /// <summary>None: it asks for a snapshot.</summary>
    Nothing,

    /// <summary>The state it showed last.</summary>
    Last,

    /// <summary>A state it showed earlier.</summary>
    Earlier,

    /// <summary>A state of another database.</summary>
    Foreign,

    /// <summary>A state ahead of the database.</summary>
    Future,
}

/// <summary>The request of a join: the view, and the state to resume from.</summary>
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
