using System.Globalization;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>
/// <c>Server user add|set-password|list|remove</c>, run as the built program. The password comes from a prompt or
/// from standard input, never from an argument.
/// </summary>
public sealed class UserCommandTests : IDisposable
{
    private const string Password = "hemmelig nok";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kaffediem-");

    private string Database => Path.Combine(_directory.FullName, "shop.db");

    [Fact]
    public async Task Administrator_is_added_to_an_existing_database()
    {
        UseSample();

        var added = await RunAsync(Password + "\n", "user", "add", "anna@shop.no", "--name", "Anna", "--admin");

        Assert.Equal((0, "Added anna@shop.no, an administrator.\n", ""), (added.ExitCode, added.Output, added.Error));
        var (name, isAdmin, hash) = Query<(string, bool, string)>(
            "SELECT name, is_admin, hashed_password FROM users WHERE email = 'anna@shop.no'").Single();
        Assert.Equal(("Anna", true), (name, isAdmin));
        Assert.StartsWith("$2b$12$", hash, StringComparison.Ordinal);
        Assert.True(BCrypt.Net.BCrypt.Verify(Password, hash));
    }

    [Fact]
    public async Task User_is_not_an_administrator_by_default()
    {
        UseSample();

        Assert.Equal(0, (await RunAsync(Password, "user", "add", "ola@shop.no")).ExitCode);

        Assert.Equal(
            (null, false),
            Query<(string?, bool)>("SELECT name, is_admin FROM users WHERE email = 'ola@shop.no'").Single());
    }

    [Fact]
    public async Task List_marks_administrators_and_shows_no_hash()
    {
        UseSample();
        await RunAsync(Password, "user", "add", "ola@shop.no", "--name=Ola\u2028Nordmann");
        Execute("UPDATE users SET name = 'Ola' || char(27) || '[2J' WHERE email = 'ola@shop.no'");

        var list = await RunAsync("", "user", "list");

        Assert.Equal(0, list.ExitCode);
        Assert.Equal(
            [
                "   1  admin@kaffediem.test                      administrator  Kaffediem",
                "   2  ola@shop.no                                              Ola?[2J",
            ],
            list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task First_administrator_creates_the_database_as_the_server_would()
    {
        var added = await RunAsync(Password, "user", "add", "anna@shop.no", "--admin");

        Assert.Equal(0, added.ExitCode);
        Assert.StartsWith($"Made the database {Database}, with a demo menu.\n", added.Output, StringComparison.Ordinal);
        Assert.Equal(["anna@shop.no"], Query<string>("SELECT email FROM users"));
        await using var server = StartServer();
        using var client = server.CreateClient();
        (await client.SignInAsync("anna@shop.no", Password)).Is(200);
        Assert.NotEmpty((await client.GetAsync("/api/collections/item/records")).Items);
    }

    [Theory]
    [InlineData("", "There is no password")]
    [InlineData("\n", "There is no password")]
    [InlineData("1234567\n", "too short: it needs at least 8 characters")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234567890123\n", "at most 72 bytes")]
    [InlineData("øøøøøøøøøøøøøøøøøøøøøøøøøøøøøøøøøøøøø\n", "at most 72 bytes")]
    [InlineData("med\ttabulator\n", "control characters")]
    public async Task Refused_password_creates_neither_user_nor_database(string input, string reason)
    {
        var refused = await RunAsync(input, "user", "add", "anna@shop.no");

        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains(reason, Assert.Single(refused.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.False(File.Exists(Database));
    }

    [Theory]
    [InlineData("12345678")]
    [InlineData("øøøøøøøøøøøøøøøøøøøøøøøøøøøøøøøøøøøø")]
    public async Task Shortest_and_longest_passwords_are_accepted(string password)
    {
        Assert.Equal(0, (await RunAsync(password + "\r\n", "user", "add", "anna@shop.no")).ExitCode);

        Assert.True(BCrypt.Net.BCrypt.Verify(password, Query<string>("SELECT hashed_password FROM users").Single()));
    }

    [Theory]
    [InlineData("There is a user ADMIN@kaffediem.test already", "add", "ADMIN@kaffediem.test")]
    [InlineData("That is no e-mail address", "add", "anna")]
    [InlineData("That is no e-mail address", "add", "an na@shop.no")]
    [InlineData("The name is too long", "add", "anna@shop.no", "--name=\u001b[2J")]
    [InlineData("There is no user anna@shop.no", "set-password", "anna@shop.no")]
    [InlineData("There is no user anna@shop.no", "remove", "anna@shop.no", "--force")]
    [InlineData("is the last administrator; --force removes it", "remove", "admin@kaffediem.test")]
    public async Task Impossible_change_is_refused_with_one_line(string reason, params string[] words)
    {
        UseSample();

        var refused = await RunAsync(Password, ["user", .. words]);

        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains(reason, Assert.Single(refused.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(["admin@kaffediem.test"], Query<string>("SELECT email FROM users"));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("set-password", "anna@shop.no")]
    [InlineData("remove", "anna@shop.no")]
    public async Task Missing_database_is_an_error(params string[] words)
    {
        var refused = await RunAsync(Password, ["user", .. words]);

        Assert.Equal((1, $"There is no database {Database}.\n"), (refused.ExitCode, refused.Error));
        Assert.False(File.Exists(Database));
    }

    [Fact]
    public async Task Force_removes_the_last_administrator()
    {
        UseSample();

        Assert.Equal(0, (await RunAsync("", "user", "remove", "admin@kaffediem.test", "--force")).ExitCode);

        Assert.Empty(Query<string>("SELECT email FROM users"));
    }

    [Theory]
    [InlineData("What is to be done?", "user")]
    [InlineData("What is to be done?", "user", "rename")]
    [InlineData("add needs the user's e-mail address", "user", "add", "--admin")]
    [InlineData("A password is never an argument", "user", "add", "anna@shop.no", "hemmelig nok")]
    [InlineData("A password is never an argument", "user", "add", "anna@shop.no", "--password=hemmelig nok")]
    [InlineData("A password is never an argument", "user", "set-password", "anna@shop.no", "hemmelig nok")]
    [InlineData("--force is unknown", "user", "add", "anna@shop.no", "--force")]
    [InlineData("--admin is unknown", "user", "remove", "anna@shop.no", "--admin")]
    [InlineData("--nmae is unknown", "user", "add", "anna@shop.no", "--nmae=Anna")]
    [InlineData("--name needs a value", "user", "add", "anna@shop.no", "--name", "--admin")]
    [InlineData("list takes no further argument", "user", "list", "anna@shop.no")]
    [InlineData("There is no command users", "users", "list")]
    public async Task Malformed_command_prints_the_usage(string mistake, params string[] words)
    {
        var answer = await RunAsync(Password, words);

        Assert.Equal((2, ""), (answer.ExitCode, answer.Output));
        Assert.Contains(mistake, answer.Error.Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains("Usage: Kaffediem.Server user add", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, answer.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Database));
    }

    [Theory]
    [InlineData("user", "--help")]
    [InlineData("user", "add", "-h")]
    public async Task Help_is_not_an_error(params string[] words)
    {
        var answer = await RunAsync("", words);

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        Assert.StartsWith("Usage: Kaffediem.Server user add <e-mail>", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_that_is_not_a_database_is_reported_in_one_line()
    {
        await File.WriteAllTextAsync(Database, "not a database, but long enough for the header of one");

        var refused = await RunAsync("", "user", "list");

        Assert.Equal((1, $"{Database} is not a SQLite database.\n"), (refused.ExitCode, refused.Error));
    }

    [Fact]
    public async Task Database_that_an_older_server_may_be_using_is_left_unchanged()
    {
        UseSample();
        Assert.Equal(0, (await RunAsync("", "user", "list")).ExitCode);
        Execute("DELETE FROM kaffediem_migrations WHERE name > '0003'");

        var refused = await RunAsync(Password, "user", "add", "anna@shop.no");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("is of an older Kaffediem: start the server", refused.Error, StringComparison.Ordinal);
        Assert.Equal(["admin@kaffediem.test"], Query<string>("SELECT email FROM users"));
        Assert.Equal(2, Query<int>("SELECT COUNT(*) FROM kaffediem_migrations").Single());
    }

    [Fact]
    public async Task New_password_beside_a_running_server_ends_all_sessions_and_leaves_the_change_log_unchanged()
    {
        UseSample();
        await using var server = StartServer();
        using var desk = server.CreateClient();
        using var phone = server.CreateClient();
        (await desk.SignInAsync()).Is(200);
        (await phone.SignInAsync()).Is(200);
        (await desk.PatchAsync("/api/collections/status/records/1", """{"open":false}""")).Is(200);
        var changes = Query<long>("SELECT seq FROM change_log");

        Assert.Equal(0, (await RunAsync(Password, "user", "set-password", "admin@kaffediem.test")).ExitCode);

        (await desk.GetAsync("/api/session")).Is(204);
        (await phone.PatchAsync("/api/collections/status/records/1", """{"open":true}""")).Is(401);
        (await phone.SignInAsync()).Is(401);
        (await phone.SignInAsync(password: Password)).Is(200);
        Assert.Equal(changes, Query<long>("SELECT seq FROM change_log"));
        (await phone.PatchAsync("/api/collections/status/records/1", """{"open":true}""")).Is(200);
        Assert.Equal(changes.Count + 1, Query<long>("SELECT seq FROM change_log").Count);
    }

    [Fact]
    public async Task Users_are_added_and_removed_beside_a_running_server_and_orders_keep_the_customer()
    {
        UseSample();
        await using var server = StartServer();
        using var client = server.CreateClient();
        Assert.Equal(0, (await RunAsync(Password, "user", "add", "ola@shop.no")).ExitCode);
        var session = (await client.SignInAsync("ola@shop.no", Password)).Is(200);
        var user = session.GetProperty("data").GetProperty("id").GetInt64();
        var draft = $$"""{"customer_id":{{user}},"items":[{"item":1}]}""";
        var order = (await client.PostAsync("/api/collections/order/records", draft)).Is(201);

        Assert.Equal(0, (await RunAsync("", "user", "remove", "ola@shop.no")).ExitCode);

        (await client.GetAsync("/api/session")).Is(204);
        (await client.SignInAsync("ola@shop.no", Password)).Is(401);
        var id = order.GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture);
        order = (await client.GetAsync($"/api/collections/order/records/{id}")).Is(200);
        Assert.Equal(user, order.GetProperty("customer_id").GetInt64());
        Assert.Equal(0, Query<long>("SELECT COUNT(*) FROM session").Single());
    }

    [Fact]
    public async Task White_space_around_an_address_and_a_byte_order_mark_before_a_password_are_dropped()
    {
        UseSample();
        await using var server = StartServer();
        using var client = server.CreateClient();

        var added = await RunAsync("\uFEFF" + Password + "\n", "user", "add", " ola@shop.no\t");

        Assert.Equal((0, "Added ola@shop.no.\n", ""), (added.ExitCode, added.Output, added.Error));
        (await client.SignInAsync("ola@shop.no", Password)).Is(200);
        Assert.Equal(0, (await RunAsync("noe annet hemmelig", "user", "set-password", "ola@shop.no ")).ExitCode);
        Assert.Equal(0, (await RunAsync("", "user", "remove", " ola@shop.no")).ExitCode);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private void UseSample()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db"), Database);
        Administrator.GiveOwnPassword(Database);
    }

    private KaffediemServer StartServer() =>
        KaffediemServer.Start(new ServerSetup { Environment = "Production", DatabasePath = Database });

    private Task<ServerProgram> RunAsync(string input, params string[] words)
    {
        string[] setting = words is ["user", _, ..] ? [$"--Database:Path={Database}"] : [];
        return ServerProgram.RunAsync(_directory.FullName, input, [.. words, .. setting]);
    }

    private List<T> Query<T>(string sql) => SqliteFile.Query<T>(Database, sql);

    private void Execute(string sql) => SqliteFile.Execute(Database, sql);
}
