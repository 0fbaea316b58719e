using System.Collections.Concurrent;
using System.Diagnostics;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Data.Sqlite;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>
/// The real program as a process of its own, stopped in the middle of a busy day. On SIGTERM it stops accepting
/// connections, closes every socket with 1012, ends long-poll sessions so that clients open new ones, finishes the
/// accepted writes, and exits within 30 s with status 0.
/// </summary>
public sealed class ShutdownProcessTests : IDisposable
{
    private const int Clients = 20;
    private const int Polls = 5;
    private const int Writers = 8;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kaffediem-");
    private readonly ConcurrentBag<long> _acknowledged = [];
    private readonly TaskCompletionSource _isBusy = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string DatabasePath => Path.Combine(_directory.FullName, "kaffediem.db");

    [Fact]
    public async Task SIGTERM_closes_every_connection_loses_no_acknowledged_write_and_ends_the_process()
    {
        using var server = Start();
        using var end = new EndOf(server);
        var output = new ConcurrentQueue<string>();
        var address = await ListenAsync(server, output);
        using var stalled = await StallAsync(address);
        var clients = Enumerable.Range(0, Clients).Select(_ => WatchAsync(address)).ToArray();
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
        Assert.All(await Task.WhenAll(clients), code => Assert.Equal(1012, code));
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

    // A client that asks for far more than it reads and does not answer the close frame either.
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

    // A client that reads all changes. Returns the close code, which it answers as a browser does.
    private static async Task<int?> WatchAsync(Uri address)
    {
        using var client = await FrameClient.ConnectAsync(address);
        await client.SendTextAsync("""["1","1","collection:order","phx_join",{}]""");
        var code = await client.ReadCloseCodeAsync();
        await client.SendFrameAsync(0x8, [3, 244]);
        return code;
    }

    // Polls until the server answers that there is no room, or no longer listens.
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

    // Places one order after the other until the server no longer accepts them.
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
            // The server has ended, or has not accepted this order.
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

    // Ends the process even if the test fails.
    private sealed class EndOf(Process process) : IDisposable
    {
        public void Dispose() => process.Kill();
    }
}
