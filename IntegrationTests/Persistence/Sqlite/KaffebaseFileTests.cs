using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Persistence.Sqlite;

/// <summary>
/// A Kaffebase file that was served and changed through every endpoint, opened with plain SQL: Kaffebase would find its
/// tables as it would have left them itself.
/// </summary>
public sealed class KaffebaseFileTests(ServedKaffebaseFile file) : IClassFixture<ServedKaffebaseFile>
{
    private const string Time = ServedKaffebaseFile.Time;

    [Fact]
    public void Tables_and_indexes_of_Kaffebase_are_unchanged()
    {
        const string Schema =
            """
              SELECT name || ': ' || sql
                FROM sqlite_master
               WHERE sql IS NOT NULL
            ORDER BY name
            """;

        // Our own indexes may exist beside them: they change nothing for programs that do not know them.
        Assert.Empty(SqliteFile.Query<string>(TestDatabase.SamplePath, Schema).Except(Query<string>(Schema)));
    }

    [Theory]
    [InlineData("schema_migrations", "true")]
    [InlineData("users", "true")]
    [InlineData("users_tokens", "true")]
    [InlineData("category", "id IN (2, 3)")]
    [InlineData("item", "id IN (2, 3, 4)")]
    [InlineData("customization_key", "id IN (2, 3)")]
    [InlineData("customization_value", "id IN (2, 3, 4, 5, 6, 7)")]
    [InlineData("message", "id = 1")]
    [InlineData("order", "id IN (3, 4, 5)")]
    public void Rows_that_no_request_changed_are_unchanged(string table, string rows)
    {
        var columns = string.Join(" || '|' || ", Columns(table).Select(column => $"quote({column.Name})"));
        var sql = $"""SELECT {columns} FROM "{table}" WHERE {rows} ORDER BY 1""";

        Assert.Equal(SqliteFile.Query<string>(TestDatabase.SamplePath, sql), Query<string>(sql));
    }

    [Theory]
    [InlineData("category")]
    [InlineData("item")]
    [InlineData("customization_key")]
    [InlineData("customization_value")]
    [InlineData("message")]
    [InlineData("status")]
    [InlineData("order")]
    public void Every_value_has_the_type_of_its_column(string table)
    {
        foreach (var (name, type, isRequired, defaultValue) in Columns(table))
        {
            var types = Query<string>($"""SELECT DISTINCT typeof({name}) FROM "{table}" WHERE {name} IS NOT NULL""");
            Assert.All(types, actual => Assert.Equal(type, actual, ignoreCase: true));
            Assert.Empty(Query<long>($"""SELECT id FROM "{table}" WHERE {isRequired} AND {name} IS NULL"""));
            if (defaultValue is "false")
            {
                Assert.Empty(Query<long>($"""SELECT id FROM "{table}" WHERE {name} NOT IN (0, 1)"""));
            }

            if (name is "inserted_at" or "updated_at")
            {
                // Times of orders have milliseconds, which Kaffebase drops on loading: Ecto truncates a naive_datetime.
                const string Pattern = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]";
                var exact = table == "order" ? $"{Pattern}.[0-9][0-9][0-9]" : Pattern;
                Assert.Empty(Query<long>(
                    $"""SELECT id FROM "{table}" WHERE {name} NOT GLOB '{Pattern}' AND {name} NOT GLOB '{exact}'"""));
            }
        }
    }

    [Theory]
    [InlineData("category", "id = 5",
        $"'Is ☕'|-5|1|'[{{\"key_id\":3}},{{\"key_id\":1}}]'|'{Time}'|'{Time}'")]
    [InlineData("category", "id = 1", $"'Kaffe'|0|0|'[{{\"key_id\":2}}]'|'2026-11-23T12:57:01'|'{Time}'")]
    [InlineData("item", "id = 6", $"'Mokka'|1|NULL|1|20|'{Time}'|'{Time}'|30")]
    [InlineData("item", "id = 1",
        $"'Latte'|1|'https://bilder.example/latte.jpg'|1|0|'2026-11-23T12:57:01'|'{Time}'|46")]
    [InlineData("customization_key", "id = 5", $"'Is'|1|'#ff0000'|NULL|0|0|'{Time}'|'{Time}'")]
    [InlineData("customization_key", "id = 1",
        $"'Melk'|1|'#e8e2d0'|'2'|1|0|'2026-11-23T12:57:01'|'{Time}'")]
    [InlineData("customization_value", "id = 9", $"'Mye'|3|1|1|0|'{Time}'|'{Time}'|-5")]
    [InlineData("customization_value", "id = 1", $"'Hel'|1|0|1|0|'2026-11-23T12:57:01'|'{Time}'|7")]
    [InlineData("message", "id = 4", $"''|NULL|'{Time}'|'{Time}'")]
    [InlineData("message", "id = 2", $"'Ny'|'å'|'2026-11-23T12:57:01'|'{Time}'")]
    [InlineData("status", "id = 1", $"1|1|2|'2026-11-23T12:57:01'|'{Time}'")]
    [InlineData("status", "id = 3", $"0|0|NULL|'{Time}'|'{Time}'")]
    public void Written_row_is_as_Kaffebase_writes_it(string table, string row, string expected)
    {
        var names = Columns(table).Select(column => column.Name).Where(name => name != "id");
        var columns = string.Join(" || '|' || ", names.Select(name => $"quote({name})"));

        Assert.Equal([expected], Query<string>($"""SELECT {columns} FROM "{table}" WHERE {row}"""));
    }

    [Fact]
    public void Placed_order_is_as_Kaffebase_places_it()
    {
        const string Columns = "customer_id || '|' || state || '|' || missing_information || '|' || inserted_at";
        const string Hex = "[0-9a-f][0-9a-f][0-9a-f][0-9a-f]";

        Assert.Equal([$"7|received|0|{Time}.678"], Query<string>($"""SELECT {Columns} FROM "order" WHERE id = 6"""));
        Assert.Single(Query<long>(
            $"""SELECT id FROM "order" WHERE id = 6 AND uuid GLOB '{Hex}{Hex}-{Hex}-7*-[89ab]*-{Hex}{Hex}{Hex}'"""));
        Assert.Equal([$"102|dispatched|{Time}.678"], Query<string>(
            """SELECT day_id || '|' || state || '|' || updated_at FROM "order" WHERE id = 2"""));
    }

    [Fact]
    public void Lines_of_an_order_have_the_names_and_types_that_Kaffebase_reads()
    {
        // Kaffebase's embedded schemas ignore unknown members: label_color and constant_price are ours.
        const string Lines =
            """
            SELECT line.value -> '$.item_id' || '|' || (line.value ->> '$.name') || '|' || (line.value -> '$.price')
                   || '|' || (line.value ->> '$.category') || '|' || json_array_length(line.value, '$.customizations')
              FROM "order", json_each(items_data) AS line
             WHERE "order".id = 6
            """;
        const string Choices =
            """
            SELECT choice.key || ' ' || choice.type
              FROM "order", json_each(items_data, '$[0].customizations[0]') AS choice
             WHERE "order".id = 6 AND choice.key NOT IN ('label_color', 'constant_price')
             ORDER BY choice.key
            """;

        Assert.Equal(["2|Cortado|40.0|Kaffe|2", "2|Cortado|40.0|Kaffe|0"], Query<string>(Lines));
        Assert.Equal(
            ["key_id integer", "key_name text", "price_change real", "value_id integer", "value_name text"],
            Query<string>(Choices));
    }

    [Fact]
    public void File_passes_the_integrity_check()
    {
        Assert.Equal(["ok"], Query<string>("PRAGMA integrity_check"));
        Assert.Empty(Query<string>("PRAGMA foreign_key_check"));
    }

    private List<T> Query<T>(string sql) => SqliteFile.Query<T>(file.Path, sql);

    private List<Column> Columns(string table) => Query<Column>(
        $"""
        SELECT name AS Name, type AS Type, "notnull" AS IsRequired, dflt_value AS DefaultValue
          FROM pragma_table_info('{table}')
        """);

    private sealed record Column
    {
        public required string Name { get; init; }

        public required string Type { get; init; }

        public required bool IsRequired { get; init; }

        public required string? DefaultValue { get; init; }

        public void Deconstruct(out string name, out string type, out bool isRequired, out string? defaultValue) =>
            (name, type, isRequired, defaultValue) = (Name, Type, IsRequired, DefaultValue);
    }
}

/// <summary>The sample file after a server wrote to it through every endpoint and stopped.</summary>
public sealed class ServedKaffebaseFile : IAsyncLifetime
{
    /// <summary>The time of all writes, as the columns store it.</summary>
    public const string Time = "2026-11-24T09:30:05";

    // The records to create, to change with PATCH and PUT, and to delete; the sample's ids are 1 to 3 and more.
    private static readonly (string Collection, string Created, string Changed, long ChangedId, long DeletedId)[]
        Writes =
    [
        ("category", """{"id":0,"name":"Is ☕","sort_order":-5,"enable":true,"valid_customizations":[3,1]}""",
            """{"valid_customizations":[{"key_id":2}],"enable":false}""", 1, 4),
        ("item", """{"name":"Mokka","price_nok":30,"category_id":1,"enable":true,"sort_order":20,"image":""}""",
            """{"price_nok":"46","image":"https://bilder.example/latte.jpg"}""", 1, 5),
        ("customization_key", """{"name":"Is","enable":true,"label_color":"#ff0000","default_value":""}""",
            """{"default_value":"2","multiple_choice":true}""", 1, 4),
        ("customization_value",
            """{"name":"Mye","price_increment_nok":-5,"constant_price":true,"belongs_to":3,"enable":true}""",
            """{"price_increment_nok":7,"enable":false}""", 1, 8),
        ("message", """{"title":"","subtitle":null}""", """{"title":"Ny","subtitle":"å"}""", 2, 3),
        ("status", "{}", """{"open":true,"show_message":true,"message_id":2}""", 1, 2),
        ("order",
            """
            {"customer_id":7,"state":"received","missing_information":false,"items":[
             {"item":2,"customizations":[{"key":3,"value":[6]},{"key":3,"value":[7]}]},{"item":2,"customizations":[]}]}
            """,
            """{"state":"dispatched"}""", 2, 1),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 9, 30, 5, 678, TimeSpan.Zero));

    public string Path => System.IO.Path.Combine(_folder.FullName, "kaffebase.db");

    public async ValueTask InitializeAsync()
    {
        File.Copy(TestDatabase.SamplePath, Path);
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            DatabasePath = Path,
            ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
        });
        using var client = server.CreateClient();
        (await client.SignInAsync()).Is(200);
        // Orders first: they refer to records that are deleted later.
        foreach (var (collection, created, changed, changedId, deletedId) in Writes.Reverse())
        {
            var records = $"/api/collections/{collection}/records";
            (await client.PostAsync(records, created)).Is(201);
            (await client.PatchAsync($"{records}/{changedId}", changed)).Is(200);
            using var put = new StringContent(changed, Encoding.UTF8, "application/json");
            (await client.SendAsync("PUT", $"{records}/{changedId}", put)).Is(200);
            if (collection is "category" or "status")
            {
                // Every category has items and there is only one status, so the created record is the one to delete.
                (await client.PostAsync(records, created)).Is(201);
            }

            (await client.DeleteAsync($"{records}/{deletedId}")).Is(204);
        }

        (await client.DeleteAsync("/api/session")).Is(204);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
