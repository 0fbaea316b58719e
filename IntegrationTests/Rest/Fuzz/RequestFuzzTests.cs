using Kaffediem.IntegrationTests.Protocol.Fuzz;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Accounts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Rest.Fuzz;

/// <summary>
/// Whatever a request has in its line, headers and body: no endpoint takes it for a fault of the server, and nothing is
/// logged that would let a client fill the disk. <c>KAFFEDIEM_TESTS_SEED</c> and <c>KAFFEDIEM_TESTS_CASE</c> repeat one
/// case.
/// </summary>
[Experiment("Fuzz")]
public sealed class RequestFuzzTests
{
    private const int BatchSize = 8;
    private const int MaxShown = 20;

    // Each kind of line once a minute. Each refused origin is a kind.
    private const int MaxLinesPerMinute = 200;

    private static readonly int CasesPerEndpoint = TestSettings.Pick(quick: 20, full: 120, @long: 2000);

    // RFC 9110 §15.6.2 and §15.6.6, of Kestrel: a transfer coding or a version of HTTP that it does not know.
    private static readonly int[] Documented = [501, 503, 505];

    public static TheoryData<string, Dictionary<string, string>> Settings => new()
    {
        { "alone", [] },
        { "behind a proxy", new() { ["Proxies"] = "127.0.0.1", ["Cors:Origins"] = HostileHeaders.AllowedOrigin } },
        { "with known hosts", new() { ["AllowedHosts"] = "127.0.0.1;shop.example" } },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task No_request_is_answered_with_500_or_fills_the_log(string kind, Dictionary<string, string> settings)
    {
        var lines = new LogLines("");
        await using var server = Start(settings, lines);
        server.Logs.Expect("X-Forwarded-Proto"); // once a minute
        var targets = FindTargets(server);
        var total = TestSettings.Case is null ? targets.Length * CasesPerEndpoint : 1;
        var (statuses, failures) = (new List<int>(), new List<string>());
        for (long first = TestSettings.Case ?? 0, end = first + total; first < end; first += BatchSize)
        {
            var cases = Enumerable.Range(0, (int)Math.Min(BatchSize, end - first)).Select(i => first + i).ToArray();
            var results = await Task.WhenAll(cases.Select(index => RunAsync(server, kind, index, targets)));
            foreach (var (status, failure) in results)
            {
                statuses.Add(status);
                failures.AddRange(failure ?? []);
            }

            failures.AddRange(await VerifyAsync(server, cases) ?? []);
        }

        Assert.True(failures.Count == 0, $"{failures.Count} failures:\n{string.Join('\n', failures.Take(MaxShown))}");
        // The time stands still: all this was one minute.
        Assert.InRange(lines.Of(LogLevel.Information, "").Length, 0, MaxLinesPerMinute);
        if (total > 1)
        {
            // They got as far as the endpoints, and most were answered.
            Assert.True(statuses.Count(status => status is >= 200 and < 300) > total / 20);
            Assert.True(statuses.Count(status => status == 0) < total / 5);
        }
    }

    // Production, so that no change is logged; the time stands still, so that each kind of line may come once.
    private static KaffediemServer Start(Dictionary<string, string> settings, LogLines lines) =>
        KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = new(settings) { ["Auth:Writes"] = "Open" },
            ConfigureServices = services => services
                .AddSingleton<ILoggerProvider>(lines)
                .AddSingleton<TimeProvider>(new FakeTimeProvider(DateTimeOffset.UtcNow))
                .AddSingleton(new PasswordVerifier((password, _) => password == "kaffediem")),
        });

    private static (string Method, string Pattern)[] FindTargets(KaffediemServer server) =>
    [
        .. from endpoint in server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"]
           let pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
           orderby pattern, method
           select (method, pattern),
    ];

    private static async Task<(int Status, string[]? Failure)> RunAsync(
        KaffediemServer server, string kind, long index, (string Method, string Pattern)[] targets)
    {
        var fuzzCase = new FuzzCase(kind, index);
        try
        {
            var (method, pattern) = targets[index % targets.Length];
            var request = HostileRequest.Make(fuzzCase.Random, server.BaseAddress, method, pattern);
            fuzzCase.Note("request", request.Bytes);
            var status = await HostileWire.SendAsync(server.BaseAddress, request.Bytes, request.MayBeIncomplete);
            Assert.True(status < 500 || Documented.Contains(status), $"It was answered with {status}.");
            return (status, null);
        }
        catch (Exception exception)
        {
            return (0, [fuzzCase.Failure(exception).Message]);
        }
    }

    private static async Task<string[]?> VerifyAsync(KaffediemServer server, long[] cases)
    {
        try
        {
            using var client = server.CreateClient();
            (await client.GetAsync("/health/live")).Is(200);
            server.Logs.VerifyAndForget();
            return null;
        }
        catch (Exception exception)
        {
            server.Logs.Forget();
            return [$"One of {TestSettings.RepeatCase(cases[0])} to {cases[^1]} did it: {exception.Message}"];
        }
    }
}
