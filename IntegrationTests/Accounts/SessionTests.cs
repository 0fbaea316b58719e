using System.Buffers.Text;
using System.Security.Cryptography;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Server.Accounts;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>Signing in and out outside Development.</summary>
public sealed class SessionTests : IAsyncDisposable
{
    private const string Session = "/api/session";
    private const string AdministratorJson = """{"data":{"id":1,"is_admin":true,"name":"Kaffediem"}}""";
    private const string Unauthorized = """{"errors":{"detail":"Unauthorized"}}""";

    private readonly List<string> _comparedHashes = [];
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));
    private readonly KaffediemServer _server;
    private readonly RestClient _client;

    public SessionTests()
    {
        _server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            ConfigureServices = services => services
                .AddSingleton<TimeProvider>(_time)
                .AddSingleton(new PasswordVerifier(Compare)),
        });
        _client = _server.CreateClient();
    }

    [Fact]
    public async Task Request_without_a_cookie_has_no_session()
    {
        var answer = await _client.GetAsync(Session);

        Assert.Equal((204, ""), (answer.Status, answer.Text));
        Assert.Null(answer.Header("Set-Cookie"));
    }

    [Fact]
    public async Task User_of_Kaffebase_signs_in()
    {
        var signedIn = await _client.SignInAsync();

        signedIn.Is(200, AdministratorJson);
        Assert.Collection(
            signedIn.Values("Set-Cookie"),
            session => Assert.Matches(
                "^_kaffediem_session=[A-Za-z0-9_-]{43}; max-age=1209600; path=/; samesite=lax; httponly$", session),
            device => Assert.Matches(
                "^_kaffediem_device=[A-Za-z0-9_-]{43}; max-age=34560000; path=/; samesite=lax; httponly$", device));
        (await _client.GetAsync(Session)).Is(200, AdministratorJson);
    }

    [Fact]
    public async Task Address_may_be_in_capitals()
    {
        (await _client.SignInAsync("ADMIN@KAFFEDIEM.TEST")).Is(200);
    }

    [Theory]
    [InlineData(" admin@kaffediem.test ")]
    [InlineData("Admin@kaffediem.test\\t\\r\\n")]
    [InlineData("\u00a0admin@kaffediem.test")]
    public async Task White_space_around_the_address_is_dropped(string email)
    {
        (await _client.SignInAsync(email)).Is(200, AdministratorJson);
    }

    [Fact]
    public async Task Address_with_white_space_counts_as_the_same_account()
    {
        _server.Logs.Expect("are refused for now");
        for (var i = 0; i < 10; i++)
        {
            (await _client.SignInAsync("admin@kaffediem.test" + new string(' ', i), "wrong")).Is(401);
        }

        (await _client.SignInAsync("admin@kaffediem.test", "wrong")).Is(429);
    }

    [Fact]
    public async Task Form_body_signs_in()
    {
        using var form = new FormUrlEncodedContent(
            [new("email", Administrator.Email), new("password", Administrator.Password)]);

        (await _client.SendAsync("POST", Session, form)).Is(200, AdministratorJson);
    }

    [Theory]
    [InlineData("admin@kaffediem.test", "wrong")]
    [InlineData("admin@kaffediem.test", "")]
    [InlineData("nobody@kaffediem.test", Administrator.Password)]
    [InlineData("", "")]
    public async Task Refusal_does_not_reveal_whether_the_address_is_known(string email, string password)
    {
        var answer = await _client.SignInAsync(email, password);

        answer.Is(401, Unauthorized);
        Assert.Null(answer.Header("Set-Cookie"));
        // One comparison, whether or not the account exists; PasswordVerifierTests covers its cost.
        Assert.Single(_comparedHashes);
    }

    [Fact]
    public async Task User_without_a_password_is_refused_after_one_comparison()
    {
        await _server.Services.GetRequiredService<UserStore>()
            .CreateAsync("kari@kaffediem.test", "Kari", null, isAdmin: false, TestContext.Current.CancellationToken);

        (await _client.SignInAsync("kari@kaffediem.test", "")).Is(401, Unauthorized);
        Assert.Single(_comparedHashes);
    }

    [Theory]
    [InlineData("""{"email":"admin@kaffediem.test","password":null}""", 401)]
    [InlineData("""{"email":"admin@kaffediem.test","password":5}""", 401)]
    [InlineData("""{"email":null,"password":"x"}""", 401)]
    [InlineData("""{"email":5,"password":"x"}""", 401)]
    [InlineData("""{"email":"admin@kaffediem.test"}""", 400)]
    [InlineData("""{"password":"x"}""", 400)]
    [InlineData("""{"user":{"email":"admin@kaffediem.test","password":"kaffediem"}}""", 400)]
    [InlineData("""[]""", 400)]
    [InlineData("""{""", 400)]
    public async Task Body_without_both_texts_does_not_sign_in(string body, int status)
    {
        (await _client.PostAsync(Session, body)).Is(status);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_every_holder_of_the_cookie()
    {
        var cookie = CookieOf(await _client.SignInAsync());
        using var thief = _server.CreateClient();
        thief.Headers.Add("Cookie", cookie);
        (await thief.GetAsync(Session)).Is(200);

        var signedOut = await _client.DeleteAsync(Session);

        signedOut.Is(204);
        Assert.StartsWith(
            "_kaffediem_session=; expires=Thu, 01 Jan 1970", signedOut.Header("Set-Cookie"), StringComparison.Ordinal);
        (await _client.GetAsync(Session)).Is(204);
        (await thief.GetAsync(Session)).Is(204);
    }

    [Fact]
    public async Task Signing_out_with_an_invented_token_writes_nothing()
    {
        var database = _server.Services.GetRequiredService<Database>();
        var commits = WriteAheadLog.CountCommits(database.Path);
        for (var i = 0; i < 20; i++)
        {
            using var stranger = _server.CreateClient();
            var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
            stranger.Headers.Add("Cookie", $"_kaffediem_session={token}; _kaffediem_device={token}");

            (await stranger.DeleteAsync(Session)).Is(204);
            (await stranger.GetAsync(Session)).Is(204);
            (await stranger.SignInAsync($"user{i}@kaffediem.test", "wrong")).Is(401);
        }

        Assert.Equal(commits, WriteAheadLog.CountCommits(database.Path));
    }

    [Fact]
    public async Task Signing_out_without_a_session_returns_204()
    {
        (await _client.DeleteAsync(Session)).Is(204);
    }

    [Fact]
    public async Task Signing_in_again_ends_the_previous_session()
    {
        var cookie = CookieOf(await _client.SignInAsync());
        (await _client.SignInAsync()).Is(200);
        using var other = _server.CreateClient();
        other.Headers.Add("Cookie", cookie);

        (await other.GetAsync(Session)).Is(204);
        (await _client.GetAsync(Session)).Is(200);
    }

    [Fact]
    public async Task Failed_attempt_keeps_the_current_session()
    {
        await _client.SignInAsync();

        (await _client.SignInAsync(password: "wrong")).Is(401);
        (await _client.GetAsync(Session)).Is(200);
    }

    [Theory]
    [InlineData("zzz")]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Invented_cookie_has_no_session(string token)
    {
        _client.Headers.Add("Cookie", $"_kaffediem_session={token}");

        (await _client.GetAsync(Session)).Is(204);
    }

    [Fact]
    public async Task Tampered_cookie_has_no_session()
    {
        var cookie = CookieOf(await _client.SignInAsync());
        var last = cookie[^5] == 'A' ? 'B' : 'A';
        using var other = _server.CreateClient();
        other.Headers.Add("Cookie", $"{cookie[..^5]}{last}{cookie[^4..]}");

        (await other.GetAsync(Session)).Is(204);
    }

    [Fact]
    public async Task Session_lasts_two_weeks()
    {
        await _client.SignInAsync();

        _time.AdjustTime(_time.GetUtcNow() + TimeSpan.FromDays(14) - TimeSpan.FromSeconds(1)); // no timer fires
        (await _client.GetAsync(Session)).Is(200);
        _time.AdjustTime(_time.GetUtcNow() + TimeSpan.FromSeconds(1));
        (await _client.GetAsync(Session)).Is(204);
    }

    [Fact]
    public async Task Database_has_only_the_hash_of_the_token()
    {
        var token = Base64Url.DecodeFromChars(CookieOf(await _client.SignInAsync()).Split('=')[1]);
        var sessions = _server.Services.GetRequiredService<SessionStore>();
        var cancellationToken = TestContext.Current.CancellationToken;

        Assert.Null(await sessions.FindUserAsync(token, _time.GetUtcNow(), cancellationToken));
        Assert.NotNull(await sessions.FindUserAsync(SHA256.HashData(token), _time.GetUtcNow(), cancellationToken));
    }

    [Fact]
    public async Task Cookie_is_sent_across_sites_over_https()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Cors:Origins"] = "https://shop.example" },
            ConfigureServices = services => services
                .AddSingleton<IStartupFilter>(new Pretend(context => context.Request.Scheme = "https")),
        });
        using var client = server.CreateClient();

        var signedIn = await client.SignInAsync();

        Assert.All(signedIn.Values("Set-Cookie"), cookie =>
            Assert.EndsWith("; path=/; secure; samesite=none; httponly", cookie, StringComparison.Ordinal));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private static string CookieOf(RestAnswer answer) => answer.Header("Set-Cookie")!.Split(';')[0];

    private bool Compare(string password, string hash)
    {
        _comparedHashes.Add(hash);
        // The comparison with it is only there to take a quarter of a second.
        return hash != PasswordVerifier.NobodysHash && Password.Matches(password, hash);
    }
}
