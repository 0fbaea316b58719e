using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>
/// Whatever a client sends: no exception, no answer that phoenix.js cannot decode, no harm to anybody else, no growth
/// of memory. <c>KAFFEDIEM_TESTS_MINUTES</c> sets how long each kind runs, and <c>KAFFEDIEM_TESTS_CASE</c> repeats one
/// case.
/// </summary>
[Experiment("Fuzz")]
[Collection(nameof(Alone))]
public sealed class FuzzTests
{
    [Fact]
    public Task V1_messages() => FuzzRun.RunAsync(
        nameof(V1_messages),
        (app, fuzzCase) => WebSocketFuzz.MessagesAsync(app, fuzzCase, 1, random => FuzzMessage.Make(random, 1)));

    [Fact]
    public Task V2_messages() => FuzzRun.RunAsync(
        nameof(V2_messages),
        (app, fuzzCase) => WebSocketFuzz.MessagesAsync(app, fuzzCase, 2, random => FuzzMessage.Make(random, 2)));

    [Fact]
    public Task V2_binary_messages() => FuzzRun.RunAsync(
        nameof(V2_binary_messages),
        (app, fuzzCase) => WebSocketFuzz.MessagesAsync(app, fuzzCase, 2, FuzzMessage.MakeBinary));

    [Fact]
    public Task WebSocket_frames() => FuzzRun.RunAsync(nameof(WebSocket_frames), WebSocketFuzz.FramesAsync);

    [Fact]
    public Task LongPoll_bodies() => FuzzRun.RunAsync(nameof(LongPoll_bodies), LongPollFuzz.BodiesAsync);

    [Fact]
    public Task LongPoll_tokens() => FuzzRun.RunAsync(nameof(LongPoll_tokens), LongPollFuzz.TokensAsync);

    [Fact]
    public Task Query_strings() => FuzzRun.RunAsync(nameof(Query_strings), HandshakeFuzz.QueriesAsync);

    [Fact]
    public Task Headers() => FuzzRun.RunAsync(nameof(Headers), HandshakeFuzz.HeadersAsync);

    /// <summary>The memory in use belongs to the whole process, so nothing else runs meanwhile.</summary>
    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public sealed class Alone;
}
