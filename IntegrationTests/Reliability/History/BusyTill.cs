using System.Text.Json;
using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Tills;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>
/// A till that goes on writing, whatever becomes of its answers, and often looks whether what it wrote is there.
/// </summary>
internal sealed class BusyTill(int number, ulong seed, Uri server, ShopHistory history, Tally tally, Faults faults)
    : IDisposable
{
    private const int LongestPause = 15; // milliseconds
    private const int Reopening = 20;

    private readonly SeededRandom _random = SeededRandom.Of(seed, "busy till", number);
    private readonly Till _till = new(number, SeededRandom.Of(seed, "till", number), server, history);
    private readonly RestClient _client = new(server);
    private int _looks;

    public string Name => _till.Name;

    /// <summary>Writes.</summary>
    /// <param name="closing">Then it only waits until it knows of its last write what can be known.</param>
    /// <param name="abort">Then not even that.</param>
    public async Task RunAsync(CancellationToken closing, CancellationToken abort)
    {
        try
        {
            while (!abort.IsCancellationRequested && (!closing.IsCancellationRequested || _till.InDoubt is not null))
            {
                await WriteAsync();
            }
        }
        catch (Exception exception)
        {
            faults.Add($"{Name}: {exception}");
        }
    }

    public void Dispose()
    {
        _till.Dispose();
        _client.Dispose();
    }

    private async Task WriteAsync()
    {
        if (await _till.WriteAsync())
        {
            await LookAsync(_till.Acknowledged[^1]);
            await Task.Delay(_random.Below(LongestPause));
        }
        else
        {
            tally.Count("writes not answered");
            _till.GiveUp();
            await Task.Delay(Reopening);
        }
    }

    private async Task LookAsync(ShopWrite write)
    {
        var collection = write.Path.Split('/')[3];
        if (_random.OneIn(3))
        {
            await ReadAsync(collection, write);
        }
        else if (_random.OneIn(8))
        {
            var wire = _random.Pick(Wire.V2WebSocket, Wire.V1WebSocket, Wire.V2LongPoll);
            var isAnswered = await FreshLook.TryAsync($"{Name}, look {++_looks}", server, wire, collection, history);
            tally.Count("fresh joins after an acknowledgement", isAnswered ? 1 : 0);
        }
    }

    private async Task ReadAsync(string collection, ShopWrite write)
    {
        var path = write.Method == "POST"
            ? $"{write.Path}/{JsonElement.Parse(write.Record).GetProperty("id")}"
            : write.Path;
        var name = $"{collection} {path[(path.LastIndexOf('/') + 1)..]}";
        history.Add(new RecordAsked(Name, name));
        try
        {
            var answer = await _client.GetAsync(path);
            Assert.True(answer.Status is 200 or 404, $"{path}: {answer.Status} {answer.Text}");
            history.Add(new RecordAnswered(Name, name, answer.Status == 200 ? answer.Text : null));
            tally.Count("records read after an acknowledgement");
        }
        catch (Exception exception) when (Till.IsLoss(exception))
        {
            // Nobody is there, or the link is gone.
        }
    }
}
