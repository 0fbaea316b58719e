using System.Text;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Persistence.Sqlite;

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
