namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>
/// DESIGN, what must always be true: never miss, never double. Whatever is written, by however many at the same time, while
/// screens join, leave, filter, reload, lose their connections and come back with what they have, while days pass, the log
/// is pruned and the server is started again: at every quiet moment each screen shows what the database has for it, and was
/// told every change once.
/// To repeat a failure, run it with the seed that it names: <c>KAFFEDIEM_PROPERTY_SEED=7 dotnet test IntegrationTests
/// --filter FullyQualifiedName~PropertyTests</c>; with <c>KAFFEDIEM_PROPERTY_STEPS</c> for longer.
/// </summary>
public sealed class PropertyTests(ITestOutputHelper output)
{
    private static readonly string[] Exercised =
    [
        "joins", "joins with a filter", "joins refused", "reloads", "connections dropped", "screens switched off for longer",
        "joins since Last, recovered: True", "joins since Last, recovered: False", "joins since Earlier, recovered: True",
        "joins since Earlier, recovered: False", "joins since Foreign, recovered: False", "joins since Future, recovered: False",
        "changes replayed", "orders that left a filter and entered it again", "orders that were over", "midnights", "restarts", "menus told that merge changes", "all orders dispatched at once",
    ];

    [Fact]
    public async Task Every_screen_shows_what_the_database_has_for_it_and_was_told_every_change_once()
    {
        var (seed, steps) = (PropertySettings.Seed, PropertySettings.Steps);
        Tell($"KAFFEDIEM_PROPERTY_SEED={seed} KAFFEDIEM_PROPERTY_STEPS={steps}");
        await using var run = new PropertyRun(seed);
        try
        {
            await run.RunAsync(steps, Tell);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"KAFFEDIEM_PROPERTY_SEED={seed}, {run.TimeZone}, after {run.Steps} steps: {exception.Message}", exception);
        }

        Tell($"{run.TimeZone}:\n{run.Tally}");
        Assert.All(Exercised, what => Assert.True(run.Tally.Of(what) > 0, $"Not exercised: {what}"));
    }

    private void Tell(string what)
    {
        output.WriteLine(what);
        Console.WriteLine($"Property test: {what}");
    }
}
