using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>
/// The real program as a process of its own, told to end in the middle of a busy day. On SIGTERM it stops
/// accepting, closes every socket with 1012, ends long-poll sessions so that clients open new ones, finishes the
/// accepted writes, and exits within 30 s with status 0.
/// </summary>
public sealed class ShutdownProcessTests : IDisposable
{
    private const int Screens = 20;
    private const int Polls = 5;
    private const int Writers = 8;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kaffediem-");
    private readonly ConcurrentBag<long> _acknowledged = [];
    private readonly TaskCompletionSource _isBusy = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string DatabasePath => Path.Combine(_directory.FullName, "kaffediem.db");

    [Fact]
    public async Task On_SIGTERM_everyone_is_told_nothing_acknowledged_is_lost_and_the_process_ends()
    {
        using var server = Start();
        using var end = new EndOf(server);
        var output = new ConcurrentQueue<string>();
        var address = await ListenAsync(server, output);
        using var stalled = await StallAsync(address);
        var screens = Enumerable.Range(0, Screens).Select(_ => WatchAsync(address)).ToArray();
        var polls = Enumerable.Range(0, Polls).Select(_ => PollAsync(address)).ToArray();
        var writers = Enumerable.Range(0, Writers).Select(_ => PlaceOrdersAsync(address)).ToArray();
        await _isBusy.Task.WaitAsync(TimeSpan.FromSeconds(90));

        var watch = Stopwatch.StartNew();
        using (Process.Start("sh", ["-c", $"kill -TERM {server.Id}"]))
        {
            await server.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(90));
        }

        Assert.Equal(0, server.ExitCode);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"It took {watch.Elapsed}.");
        Assert.All(await Task.WhenAll(screens), code => Assert.Equal(1012, code));
        await Task.WhenAll(polls);
        await Task.WhenAll(writers);
        Assert.Empty(_acknowledged.Except(ReadOrders()));
        Assert.DoesNotContain(output, line =>
            line.Contains("fail:", StringComparison.Ordinal) || line.Contains("warn:", StringComparison.Ordinal));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private Process Start()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db"), DatabasePath);
        var program = Path.Combine(AppContext.BaseDirectory, "Kaffediem.Server.dll");
        return Process.Start(new ProcessStartInfo(
            "dotnet",
            [program, "--environment=Development", "--urls=http://127.0.0.1:0", $"--Database:Path={DatabasePath}"])
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
    }

    private static async Task<Uri> ListenAsync(Process server, ConcurrentQueue<string> output)
    {
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(string? line)
        {
            output.Enqueue(line ?? "");
            if (line?.Split("Kaffediem listens on ") is [_, var url])
            {
                address.TrySetResult(new Uri(url));
            }
        }

        server.OutputDataReceived += (_, data) => Read(data.Data);
        server.ErrorDataReceived += (_, data) => Read(data.Data is null ? null : "fail: " + data.Data);
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        return await address.Task.WaitAsync(TimeSpan.FromSeconds(90));
    }

    // Asks for far more than it ever reads, and does not answer the close either.
    private static async Task<FrameClient> StallAsync(Uri address)
    {
        var client = await FrameClient.ConnectAsync(address);
        client.ReceiveBufferSize = 4096;
        for (var i = 0; i < 1000; i++)
        {
            await client.SendTextAsync($$"""["{{i}}","{{i}}","collection:menu","phx_join",{}]""");
        }

        return client;
    }

    // A screen that reads all changes; returns the code of the close, which it answers as a browser does.
    private static async Task<int?> WatchAsync(Uri address)
    {
        using var client = await FrameClient.ConnectAsync(address);
        await client.SendTextAsync("""["1","1","collection:order","phx_join",{}]""");
        var code = await client.ReadCloseCodeAsync();
        await client.SendFrameAsync(0x8, [3, 244]);
        return code;
    }

    // Polls until it is told that there is no room, or nobody listens any more.
    private static async Task PollAsync(Uri address)
    {
        using var client = await LongPollClient.OpenAsync(address);
        await client.PostAsync("""["1","1","collection:order","phx_join",{}]""");
        try
        {
            var answer = await client.PollAsync();
            for (; answer.Status is 200 or 204; answer = await client.PollAsync())
            {
                Assert.NotNull(answer.Token);
            }

            Assert.Equal((503, ""), ((int)answer.HttpStatus, answer.Body));
        }
        catch (HttpRequestException exception)
        {
            Assert.Null(exception.StatusCode);
        }
    }

    // One order after the other, until nobody takes them any more.
    private async Task PlaceOrdersAsync(Uri address)
    {
        using var client = new RestClient(address);
        try
        {
            while (true)
            {
                var order = (await client.PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}"""))
                    .Is(201);
                _acknowledged.Add(order.GetProperty("id").GetInt64());
                if (_acknowledged.Count > 200)
                {
                    _isBusy.TrySetResult();
                }
            }
        }
        catch (HttpRequestException)
        {
            // The server has gone, or has not taken this one.
        }
    }

    private HashSet<long> ReadOrders()
    {
        using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """SELECT id FROM "order" """;
        using var reader = command.ExecuteReader();
        HashSet<long> ids = [];
        while (reader.Read())
        {
            ids.Add(reader.GetInt64(0));
        }

        return ids;
    }

    // No process outlives a test that fails.
    private sealed class EndOf(Process process) : IDisposable
    {
        public void Dispose() => process.Kill();
    }
}
