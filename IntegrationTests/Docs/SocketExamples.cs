using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// Examples in <c>ws</c>: <c>GET path</c> connects, <c>→</c> precedes a message to send and <c>←</c> the next message
/// to receive. A message may continue in indented lines.
/// </summary>
internal sealed class SocketExamples(DocRun run) : IDisposable
{
    private FrameClient? _client;

    public async Task RunAsync(DocExample example)
    {
        for (var i = 0; i < example.Lines.Count; i++)
        {
            var start = i;
            var line = example.Lines[i];
            for (; i + 1 < example.Lines.Count && example.Lines[i + 1].StartsWith("  ", StringComparison.Ordinal); i++)
            {
                line += "\n" + example.Lines[i + 1];
            }

            await RunAsync(example, start, line);
        }
    }

    public void Dispose() => _client?.Dispose();

    private async Task RunAsync(DocExample example, int index, string line)
    {
        switch (line)
        {
            case ['G', 'E', 'T', ' ', .. var path]:
                _client?.Dispose();
                _client = await FrameClient.ConnectAsync(run.Address, path, "GET", ("Cookie", run.Cookie));
                break;
            case ['→', ' ', .. var sent]:
                await _client!.SendTextAsync(run.Here(sent));
                break;
            case ['←', ' ', .. var expected]:
                var received = run.Documented(await _client!.ReadTextAsync());
                if (run.Blanks.FindDifference(expected, received) is { } difference)
                {
                    example.Fail(index, $"{difference}, in {received}");
                }

                break;
            default:
                example.Fail(index, $"this message is neither sent (→) nor received (←): {line}");
                break;
        }
    }
}
