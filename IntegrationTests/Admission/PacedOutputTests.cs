using System.IO.Pipelines;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Admission;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Admission;

/// <summary>How fast a client must read a long answer.</summary>
public sealed class PacedOutputTests
{
    private const int Slice = PacedOutput.SliceBytes;

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(3, true)] // 64 KB in 3 s
    [InlineData(6, false)] // 64 KB in 6 s: never stalled, but too slow
    public async Task Client_that_reads_more_slowly_than_allowed_is_cut_off(int secondsPerSlice, bool isFastEnough)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new PipeBody(pipe.Writer));
        var output = new PacedOutput(context, TimeSpan.FromSeconds(10), minBytesPerSecond: 16 * 1024, _time);

        var sending = output.SendAsync(new byte[20 * Slice], CancellationToken.None);
        while (true)
        {
            var reading = pipe.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask();
            var first = Task.WhenAny(reading, sending);
            if (await first.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken) == sending)
            {
                break;
            }

            _time.Advance(TimeSpan.FromSeconds(secondsPerSlice));
            pipe.Reader.AdvanceTo((await reading).Buffer.End);
        }

        if (isFastEnough)
        {
            await sending;
        }
        else
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        }
    }

    private sealed class PipeBody(PipeWriter writer) : IHttpResponseBodyFeature
    {
        public Stream Stream => writer.AsStream();

        public PipeWriter Writer => writer;

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;
    }
}
