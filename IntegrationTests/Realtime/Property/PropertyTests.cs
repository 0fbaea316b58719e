using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>
/// docs/design.md, "What must always be true": never miss, never double. Whatever is written, by many at the same time,
/// while screens join, leave, filter, reload, lose their connections and come back with what they have, while days
/// pass, the log is pruned and the server is started again: at every quiet moment each screen shows what the database
/// has for it, and has received every change once.
/// A failure names its seed; <c>KAFFEDIEM_TESTS_SEED=7 dotnet test IntegrationTests --filter Experiment=Property</c>
/// plans the same steps again. <c>KAFFEDIEM_TESTS_ROUNDS</c> says how many.
/// </summary>
[Experiment("Property")]
public sealed class PropertyTests(ITestOutputHelper output)
{
    private const int EnoughSteps = 50_000;

    // The test must not rot into one that proves less. Each comes up dozens of times in a hundred thousand steps.
    private static readonly string[] Exercised =
    [
        "joins", "joins with a filter", "joins refused", "storms of joins", "reloads",
        "connections dropped", "screens switched off for longer", "restarts",
        "joins since Last, recovered: True", "joins since Last, recovered: False",
        "joins since Earlier, recovered: True", "joins since Earlier, recovered: False",
        "joins since Foreign, recovered: False", "joins since Future, recovered: False", "changes replayed",
        "orders that entered a filter by a change", "orders that left a filter by a change",
        "midnights", "orders that were over with their day", "all orders dispatched at once",
        "menus told", "menus told that merge changes",
    ];

    [Fact]
    public async Task Every_screen_shows_what_the_database_has_for_it_and_was_told_every_change_once()
    {
        var (seed, steps) = (
            TestSettings.Seed, TestSettings.Rounds(quick: 5_000, full: 100_000, @long: 1_000_000));
        Tell($"{TestSettings.Repeat}: {steps} steps");
        await using var run = new PropertyRun(seed);
        try
        {
            await run.RunAsync(steps, Tell);
        }
        catch (Exception exception)
        {
            Tell($"{run.TimeZone}, after {run.Steps} steps");
            throw new InvalidOperationException(
                $"{TestSettings.Repeat}, after {run.Steps} steps: {exception.Message}", exception);
        }

        Tell($"{run.TimeZone}:\n{run.Tally}");
        if (steps >= EnoughSteps)
        {
            run.Tally.AssertExercised(Exercised);
        }
    }

    private void Tell(string what) => output.Tell("Property", what);
}
