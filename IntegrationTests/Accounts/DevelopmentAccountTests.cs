using System.Buffers.Text;
using System.Security.Cryptography;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>The administrator with the published password can sign in in Development only.</summary>
public sealed class DevelopmentAccountTests
{
    private const string Session = "/api/session";
    private const string Refusal = "still has the published password of Development";

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    [InlineData("Shop")]
    public async Task Published_password_is_refused_outside_Development(string environment)
    {
        await using var development = KaffediemServer.Start(new ServerSetup { IsFirstRun = true });
        using var client = development.CreateClient();
        (await client.SignInAsync()).Is(200);
        await development.StopAsync();

        await using var server = Start(environment, development.DatabasePath);
        server.Logs.Expect(Refusal);
        server.Logs.Expect("is unknown and treated as Production");
        var answer = await SignInAsync(server, Administrator.PublishedPassword);

        answer.Is(403);
        Assert.Contains("user set-password admin@kaffediem.test", answer.Text, StringComparison.Ordinal);
        Assert.Empty(answer.Values("Set-Cookie"));
        (await SignInAsync(server, "wrong")).Is(401);
        Assert.Equal(1, server.Logs.Count(Refusal));
    }

    [Fact]
    public async Task Start_deletes_the_accounts_sessions_and_known_devices()
    {
        await using var development = KaffediemServer.Start();
        using var client = development.CreateClient();
        var cookies = (await client.SignInAsync()).Values("Set-Cookie").Select(cookie => cookie.Split(';')[0]);
        await development.StopAsync();

        await using var server = Start("Production", development.DatabasePath);
        server.Logs.Expect(Refusal);
        using var later = server.CreateClient();
        later.Headers.Add("Cookie", string.Join("; ", cookies));

        (await later.GetAsync(Session)).Is(204);
        (await later.PatchAsync("/api/collections/status/records/1", """{"open":true}""")).Is(401);
        await Polling.UntilAsync(() => Count(server, "session") == 0 && Count(server, "known_device") == 0);
    }

    /// <summary>The comparison at the start takes a quarter of a second, while the server already listens.</summary>
    [Fact]
    public async Task Session_created_by_another_program_is_invalid_too()
    {
        await using var development = KaffediemServer.Start();
        await development.StopAsync();
        await using var server = Start("Production", development.DatabasePath);
        server.Logs.Expect(Refusal);
        using var client = server.CreateClient();
        var token = new byte[32];
        var user = await server.Services.GetRequiredService<UserStore>()
            .FindByEmailAsync(Administrator.Email, TestContext.Current.CancellationToken);
        Assert.True(await server.Services.GetRequiredService<SessionStore>().CreateAsync(
            SHA256.HashData(token),
            user!,
            DateTimeOffset.UtcNow.AddDays(1),
            device: null,
            TestContext.Current.CancellationToken));
        client.Headers.Add("Cookie", $"_kaffediem_session={Base64Url.EncodeToString(token)}");

        (await client.GetAsync(Session)).Is(204);
    }

    [Fact]
    public async Task Account_signs_in_after_its_password_is_changed()
    {
        await using var development = KaffediemServer.Start();
        await development.StopAsync();
        await using var server = Start("Production", development.DatabasePath);
        server.Logs.Expect(Refusal);
        (await SignInAsync(server, Administrator.PublishedPassword)).Is(403);

        var refused = await SetPasswordAsync(server, Administrator.PublishedPassword);
        Assert.Equal((1, "This is the published password of the development account: choose another one.\n"), refused);
        Assert.Equal((0, ""), await SetPasswordAsync(server, "hemmelig nok"));

        (await SignInAsync(server, "hemmelig nok")).Is(200);
    }

    [Fact]
    public async Task Account_signs_in_in_Development_without_a_log_line()
    {
        await using var server = KaffediemServer.Start();

        (await SignInAsync(server, Administrator.PublishedPassword)).Is(200);
    }

    private static KaffediemServer Start(string environment, string path) =>
        KaffediemServer.Start(new ServerSetup { Environment = environment, DatabasePath = path });

    private static async Task<RestAnswer> SignInAsync(KaffediemServer server, string password)
    {
        using var client = server.CreateClient();
        return await client.SignInAsync(password: password);
    }

    private static long Count(KaffediemServer server, string table) =>
        SqliteFile.Query<long>(server.DatabasePath, $"SELECT COUNT(*) FROM {table}").Single();

    private static async Task<(int ExitCode, string Error)> SetPasswordAsync(KaffediemServer server, string password)
    {
        var ended = await ServerProgram.RunAsync(
            Path.GetDirectoryName(server.DatabasePath)!,
            $"{password}\n",
            ["user", "set-password", Administrator.Email, $"--Database:Path={server.DatabasePath}"]);
        return (ended.ExitCode, ended.Error);
    }
}
