using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>Requests with contradictory framing or headers.</summary>
internal static class RequestAttacks
{
    private const string Post =
        $"POST {ShopFolder.Orders} HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nConnection: close\r\n";
    private const string Get = "GET /health HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n";

    public static IEnumerable<HostileAttack> All =>
    [
        Answered("no HTTP at all", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
        Answered(
            "a body that ends before its announced length",
            0,
            Post + "Content-Length: 1000\r\n\r\n{",
            endsSending: true),
        Answered(
            "a second request hidden behind a too short length",
            401,
            Post + "Content-Length: 2\r\n\r\n{}" + Get + "\r\n"),
        Answered("two lengths", 400, Post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
        Answered("a negative length", 400, Post + "Content-Length: -1\r\n\r\n"),
        Answered("a length of 2^63", 400, Post + "Content-Length: 9223372036854775808\r\n\r\n"),
        Answered(
            "a length beside chunks",
            401,
            Post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
        Answered("malformed chunks", 401, Post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}"),
        Answered("an unknown encoding", 400, Post + "Transfer-Encoding: kaffe\r\n\r\n{}"),
        Answered("a giant header", 431, Get + $"X-Giant: {new string('x', 64_000)}\r\n\r\n"),
        Answered(
            "200 headers", 431, Get + string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: x\r\n")) + "\r\n"),
        Answered("a giant path", 414, $"GET /{new string('x', 64_000)} HTTP/1.1\r\nHost: shop\r\n\r\n"),
        Answered("a NUL in a header", 400, Get + "X-Nul: \0\r\n\r\n"),
        Answered(
            "a path that climbs",
            404,
            Get.Replace("/health", "/uploads/..%2f..%2fshop.db", StringComparison.Ordinal) + "\r\n"),
        Answered("no host", 400, "GET /health HTTP/1.1\r\n\r\n"),
        Answered("a line folded into a header", 400, Get + "X-Folded: a\r\n b\r\n\r\n"),
        Answered(
            "a WebSocket of another version",
            400,
            Get.Replace("/health", "/socket/websocket?vsn=2.0.0", StringComparison.Ordinal)
            + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 7\r\nSec-WebSocket-Key: "
            + "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
    ];

    private static HostileAttack Answered(string name, int status, string request, bool endsSending = false) =>
        HostileAttack.Repeated(
            name,
            status == 0 ? "the end" : $"{status}",
            async company =>
            {
                var answer = await RawConnection.ExchangeAsync(company.Address, request, endsSending);
                Assert.StartsWith(status == 0 ? "" : $"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
                Assert.True(answer.Split("HTTP/1.1 ").Length <= 2, $"Two answers: {answer}");
            });
}
