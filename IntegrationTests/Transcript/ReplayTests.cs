using Dapper;
using Kaffediem.IntegrationTests.Persistence;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Writing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

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

/// <summary>One run of the whole transcript against its own server; the tests look at the outcomes.</summary>
public sealed class TranscriptReplay : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");

    // The day of the recording.
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 57, 0, TimeSpan.Zero));

    /// <summary>Case → the difference, or <c>null</c>.</summary>
    internal Dictionary<string, string?> Outcomes { get; } = [];

    internal MigrationGuide Guide { get; } = MigrationGuide.Read();

    public async ValueTask InitializeAsync()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            DatabasePath = PrepareDatabase(),
            Settings =
            {
                ["Auth:Writes"] = "Open",
                ["Cors:Origins"] = "http://localhost:5173,https://kaffediem.okpl.us",
                ["Menu:CoalesceMs"] = "0",
            },
            ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
        });
        var database = server.Services.GetRequiredService<Database>();
        await ForgetSeedsAsync(database);
        using var observer = await TopicObserver.JoinAsync(server.BaseAddress, database);
        server.Logs.Expect("which does not exist");
        var sameness = new Sameness(Guide);
        var realignment = new Realignment(database, sameness);
        var rest = new RestReplay(server.BaseAddress, observer, sameness, realignment);
        var sockets = new SocketReplay(server.BaseAddress, observer, sameness);
        foreach (var recorded in TranscriptCase.ReadAll())
        {
            Outcomes[recorded.Id] = recorded.Id switch
            {
                ['W', ..] => await sockets.ReplayAsync(new SocketCase(recorded)),
                "R344" => await rest.ReplayConcurrentlyAsync(),
                _ => await rest.ReplayAsync(new RestCase(recorded)),
            };
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    // Rows that the start adds to a shop without them; the recording began without them.
    private static Task<bool> ForgetSeedsAsync(Database database) => database.WriteAsync(
        transaction =>
        {
            transaction.Connection.Execute(
                """
                DELETE FROM message;
                DELETE FROM status;
                DELETE FROM sqlite_sequence
                      WHERE name IN ('message', 'status');
                """);
            // Like Realignment: the caches are keyed by seq.
            return new Written<bool>(true, [NewChange.Delete("category", id: 0)]);
        },
        CancellationToken.None);

    // Kaffebase's tables, empty except for its first user.
    private string PrepareDatabase()
    {
        var path = Path.Combine(_folder.FullName, "kaffebase.db");
        File.Copy(TestDatabase.SamplePath, path);
        SqliteFile.Query<int>(path,
            """
            DELETE FROM item;
            DELETE FROM category;
            DELETE FROM customization_key;
            DELETE FROM customization_value;
            DELETE FROM message;
            DELETE FROM status;
            DELETE FROM "order";
            DELETE FROM sqlite_sequence
                  WHERE name <> 'users';
            UPDATE users
               SET email = 'kaffediem@asvg.codes';
            """);
        return path;
    }
}
