using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// An operator follows the migration guide word for word on a copy of Kaffebase's own sample file. In the end the front
/// end's four topics are live and the administrator is signed in; and the operator can go back.
/// </summary>
public class MigrationTests
{
    private const string Guide = "docs/migrating-from-kaffebase.md";
    private const string GoingBack = "## How to go back";
    private const string FrontEnd = "https://shop.example";

    [Fact]
    public async Task Guide_ends_with_four_live_topics_and_the_administrator_signed_in()
    {
        using var shop = new MigratedShop();
        var back = LineOf(GoingBack);
        var steps = DocExample.ReadAll(Guide);
        foreach (var step in steps.Where(step => step.Line < back))
        {
            await shop.FollowAsync(step);
        }

        using var browser = await SignInAsync(shop.Address!);
        var clients = await JoinAsync(shop.Address!);
        await AssertLiveAsync(browser, clients);
        await AssertRefusedElsewhereAsync(shop.Address!);

        foreach (var step in steps.Where(step => step.Line > back))
        {
            await shop.FollowAsync(step);
        }

        AssertKaffebaseCanGoOn(shop.KaffebasePath);
    }

    private static int LineOf(string heading) =>
        Repository.Read(Guide).Split('\n').Index().Single(line => line.Item == heading).Index + 1;

    // As the front end signs in behind the guide's proxy.
    private static async Task<RestClient> SignInAsync(Uri address)
    {
        var browser = new RestClient(address);
        browser.Headers.Add("Origin", FrontEnd);
        var answer = await browser.SendAsync(
            "POST", "/api/session", """{"email":"admin@kaffediem.test","password":"a password of your own"}""",
            ("X-Forwarded-For", "203.0.113.7"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "api.shop.example"));
        Assert.True(answer.Is(200).GetProperty("data").GetProperty("is_admin").GetBoolean());
        Assert.Contains("secure", answer.Header("Set-Cookie"), StringComparison.Ordinal);
        Assert.Equal(FrontEnd, answer.Header("Access-Control-Allow-Origin"));

        // The test sends its requests over http, over which a browser would not send that cookie.
        browser.Headers.Add("Cookie", answer.Cookie);
        (await browser.GetAsync("/api/session")).Is(200);
        return browser;
    }

    private static async Task<Dictionary<string, FrameClient>> JoinAsync(Uri address)
    {
        var clients = new Dictionary<string, FrameClient>();
        foreach (var collection in (string[])["menu", "message", "status", "order"])
        {
            var client = await FrameClient.ConnectAsync(address, headers: ("Origin", FrontEnd));
            Assert.Equal(101, client.Status);
            await client.SendTextAsync(
                $$$"""["3","3","collection:{{{collection}}}","phx_join",{"options":{"from_date":"today"}}]""");
            var reply = JsonNode.Parse(await client.ReadTextAsync())!;
            Assert.Equal("ok", (string?)reply[4]!["status"]);
            clients[collection] = client;
        }

        return clients;
    }

    private static async Task AssertLiveAsync(RestClient browser, Dictionary<string, FrameClient> clients)
    {
        (await browser.PostAsync("/api/collections/order/records", """{"customer_id":1,"items":[{"item":1}]}"""))
            .Is(201);
        (await browser.PatchAsync("/api/collections/item/records/1", """{"price_nok":46}""")).Is(200);
        (await browser.PostAsync("/api/collections/message/records", """{"title":"","subtitle":null}""")).Is(201);
        (await browser.PatchAsync("/api/collections/status/records/1", """{"open":false}""")).Is(200);

        foreach (var (collection, client) in clients)
        {
            var change = JsonNode.Parse(await client.ReadTextAsync())!;
            Assert.Equal(("change", $"collection:{collection}"), ((string?)change[3], (string?)change[2]));
            client.Dispose();
        }
    }

    private static async Task AssertRefusedElsewhereAsync(Uri address)
    {
        using var client = await FrameClient.ConnectAsync(address, headers: ("Origin", "https://elsewhere.example"));
        Assert.Equal(403, client.Status);
    }

    private static void AssertKaffebaseCanGoOn(string path)
    {
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Assert.Equal(5, Count("SELECT count(*) FROM schema_migrations"));
        Assert.Equal(6, Count("""SELECT count(*) FROM "order" """));
        Assert.Equal(46, Count("SELECT price_nok FROM item WHERE id = 1"));

        long Count(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return (long)command.ExecuteScalar()!;
        }
    }
}

/// <summary>
/// A machine on which an operator follows the guide: a folder stands for its root, the server built for the tests for
/// the published one, a free port for 4000. Commands that need root are skipped, and those of systemd are imitated.
/// </summary>
internal sealed class MigratedShop : IDisposable
{
    private static readonly string[] OnlyRoots =
    [
        "useradd", "chown", "systemctl daemon-reload", "systemctl stop kaffebase", "systemctl start kaffebase",
    ];

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("kaffediem-");
    private readonly Blanks _blanks = new();
    private IReadOnlyList<string> _unit = [];
    private ServerProcess? _server;

    public MigratedShop()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KaffebasePath)!);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db"), KaffebasePath);
    }

    /// <summary>The address on which the server listens.</summary>
    public Uri? Address { get; private set; }

    public string KaffebasePath => Here("/var/lib/kaffebase/kaffebase.db");

    /// <summary>Follows a step of the guide.</summary>
    public async Task FollowAsync(DocExample step)
    {
        switch (step.Language)
        {
            case "ini":
                _unit = step.Lines;
                break;
            case "nginx" or "haproxy":
                break; // run by ReverseProxyTests
            case "sh":
                foreach (var command in ShellCommand.ReadAll(step.Lines))
                {
                    command.Compare(step, _blanks, await RunAsync(command.Text));
                }

                break;
            default:
                step.Fail(0, $"no code follows \"{step.Language}\"");
                break;
        }
    }

    public void Dispose()
    {
        _server?.Dispose();
        _root.Delete(recursive: true);
    }

    private string Here(string text) => text
        .Replace("/opt/", $"{_root}/opt/", StringComparison.Ordinal)
        .Replace("/var/", $"{_root}/var/", StringComparison.Ordinal)
        .Replace(
            DocRun.DocumentedAddress,
            Address?.ToString().TrimEnd('/') ?? DocRun.DocumentedAddress,
            StringComparison.Ordinal);

    private async Task<string> RunAsync(string command)
    {
        if (OnlyRoots.Any(name => command.StartsWith(name, StringComparison.Ordinal)))
        {
            return "";
        }

        switch (command)
        {
            case "dotnet publish Server -c Release -o /opt/kaffediem":
                Directory.CreateDirectory(Here("/opt/"));
                Directory.CreateSymbolicLink(Here("/opt/kaffediem"), AppContext.BaseDirectory.TrimEnd('/'));
                return "";
            case "systemctl enable --now kaffediem":
                await StartAsync(_unit);
                return "";
            case "systemctl disable --now kaffediem":
                Assert.Equal(0, await _server!.StopAsync());
                return "";
        }

        var text = Here(command.Replace("sudo -u kaffediem ", "", StringComparison.Ordinal));
        return await ShellCommand.RunAsync(text, _root.FullName);
    }

    // On a free port instead of its own.
    private async Task StartAsync(IReadOnlyList<string> unit)
    {
        var values = unit.Where(line => line.Contains('=')).Select(line => line.Split('=', 2))
            .ToLookup(parts => parts[0], parts => Here(parts[1]));
        var start = new ProcessStartInfo(values["ExecStart"].Single())
        {
            WorkingDirectory = values["WorkingDirectory"].Single(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT"); // systemd's services inherit no environment
        foreach (var setting in values["Environment"].Select(setting => setting.Split('=', 2)))
        {
            start.Environment[setting[0]] = setting[1];
        }

        Assert.Equal("4000", start.Environment["PORT"]);
        start.Environment["PORT"] = "0";
        _server = await ServerProcess.StartAsync(start);
        Address = new Uri($"http://127.0.0.1:{_server.BaseAddress.Port}");
    }
}
