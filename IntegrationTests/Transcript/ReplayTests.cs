namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>The server answers as Kaffebase did, or the migration guide says why not.</summary>
public sealed class ReplayTests(TranscriptReplay replay) : IClassFixture<TranscriptReplay>
{
    [Fact]
    public void Every_recorded_case_is_replayed()
    {
        Assert.Equal(386, replay.Outcomes.Keys.Count(id => id[0] == 'R'));
        Assert.Equal(264, replay.Outcomes.Keys.Count(id => id[0] == 'W'));
    }

    [Fact]
    public void Each_different_answer_is_in_the_migration_guide()
    {
        var unlisted = replay.Outcomes
            .Where(outcome => outcome.Value is not null && !replay.Guide.Reasons.ContainsKey(outcome.Key))
            .Select(outcome => $"{outcome.Key}: {outcome.Value}")
            .ToList();
        Assert.True(unlisted.Count == 0, string.Join('\n', unlisted));
    }

    [Fact]
    public void What_the_migration_guide_lists_is_answered_otherwise()
    {
        var stale = replay.Guide.Reasons.Keys.Where(id => replay.Outcomes.GetValueOrDefault(id) is null).ToList();
        Assert.True(stale.Count == 0, string.Join(", ", stale));
    }
}
