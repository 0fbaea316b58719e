using System.Collections.Concurrent;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Kaffediem.IntegrationTests.Shop.Servers;

/// <summary>A shop's folder: its database, on which the built program runs, and other files.</summary>
internal sealed class ShopFolder : IDisposable
{
    public const string Orders = "/api/collections/order/records";
    public const string AnOrder = """{"items":[{"item":1}]}""";

    // Databases of WithOrdersAsync, by how many orders they have.
    private static readonly ConcurrentDictionary<int, Lazy<Task<byte[]>>> Served = [];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");

    public string Database => PathOf("shop.db");

    public string Backup => PathOf("backup.db");

    /// <summary>The names of all files in it except the server's own.</summary>
    public List<string> Files =>
    [
        .. _folder.EnumerateFiles()
            .Select(file => file.Name)
            .Where(name => name != "shop.db-lock")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The old database that a restore has kept.</summary>
    public string Kept => Assert.Single(_folder.GetFiles("shop.db.before-restore-*")).FullName;

    /// <summary>With Kaffebase's sample database.</summary>
    public static ShopFolder WithSample() => WithCopyOf(Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db"));

    /// <summary>With a copy of a database that no server has open, and of its log if the server was killed.</summary>
    public static ShopFolder WithCopyOf(string database)
    {
        var shop = new ShopFolder();
        File.Copy(database, shop.Database);
        if (File.Exists(database + "-wal"))
        {
            File.Copy(database + "-wal", shop.Database + "-wal");
        }

        return shop;
    }

    /// <summary>With a database that was served, and some orders: made once, copied for each test.</summary>
    public static async Task<ShopFolder> WithOrdersAsync(int count = 3)
    {
        var served = Served.GetOrAdd(count, it => new Lazy<Task<byte[]>>(() => ServeOrdersAsync(it)));
        var shop = new ShopFolder();
        await File.WriteAllBytesAsync(shop.Database, await served.Value);
        return shop;
    }

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public Task<ServerProcess> ServeAsync(string shell = ServerProcess.AsItIs, params string[] settings) =>
        ServerProcess.StartAsync(Database, shell, settings);

    /// <summary>Runs a command on the database.</summary>
    public Task<ServerProgram> RunAsync(params string[] words) => RunInShellAsync(ServerProcess.AsItIs, words);

    public Task<ServerProgram> RunInShellAsync(string shell, params string[] words) =>
        ServerProgram.RunInShellAsync(_folder.FullName, shell, "", [.. words, $"--Database:Path={Database}"]);

    /// <summary>Checks a database in the folder.</summary>
    public Task<ServerProgram> CheckAsync(string path) =>
        ServerProgram.RunAsync(_folder.FullName, "", "check", $"--Database:Path={path}");

    public List<T> Query<T>(string sql) => SqliteFile.Query<T>(Database, sql);

    /// <summary>Writes into the database as another program would.</summary>
    public void Execute(string sql) => SqliteFile.Execute(Database, sql);

    /// <summary>Makes the database so large that processing all of it takes a while.</summary>
    public void Grow(int megabytes)
    {
        Execute("CREATE TABLE IF NOT EXISTS ballast (content BLOB)");
        Execute($"""
            WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {megabytes})
            INSERT INTO ballast SELECT randomblob(1000000) FROM number
            """);
    }

    /// <summary>The whole content of a database, for comparison.</summary>
    public static string Dump(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        var dump = new StringBuilder();
        const string Tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
        foreach (var table in connection.Query<string>(Tables))
        {
            dump.AppendLine(table);
            using var rows = connection.ExecuteReader($"SELECT * FROM \"{table}\"");
            while (rows.Read())
            {
                var values = new object[rows.FieldCount];
                rows.GetValues(values);
                dump.AppendJoin(
                    '|', values.Select(value => value is byte[] bytes ? $"{bytes.Length} bytes" : value)).AppendLine();
            }
        }

        return dump.ToString();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<byte[]> ServeOrdersAsync(int count)
    {
        using var shop = WithSample();
        using var server = await shop.ServeAsync();
        using var client = server.CreateClient();
        for (var i = 0; i < count; i++)
        {
            (await client.PostAsync(Orders, AnOrder)).Is(201);
        }

        Assert.Equal(0, await server.StopAsync());
        return await File.ReadAllBytesAsync(shop.Database);
    }
}
