using System.Text.Json;
using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Tills;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>A till that keeps writing although answers get lost, and often reads back what it wrote.</summary>
internal sealed class BusyTill(int number, ulong seed, Uri server, ShopHistory history, Tally tally, Faults faults)
    : IDisposable
{
    private const int LongestPause = 15; // milliseconds
    private const int Reopening = 20;

    private readonly SeededRandom _random = SeededRandom.Of(seed, "busy till", number);
    private readonly Till _till = new(number, seed, server, history);
    private readonly RestClient _client = new(server);
    private int _looks;

    public string Name => _till.Name;

    /// <summary>Writes until it is stopped.</summary>
    /// <param name="closing">From then on it only waits for the outcome of its last write.</param>
    /// <param name="abort">From then on it does not even wait.</param>
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
        history.Add(new RecordRequested(Name, name));
        try
        {
            var answer = await _client.GetAsync(path);
            Assert.True(answer.Status is 200 or 404, $"{path}: {answer.Status} {answer.Text}");
            history.Add(new RecordAnswered(Name, name, answer.Status == 200 ? answer.Text : null));
            tally.Count("records read after an acknowledgement");
        }
        catch (Exception exception) when (Till.IsLoss(exception))
        {
            // The server or the link is down.
        }
    }
}

/// <summary>Joins once and disconnects.</summary>
internal static class FreshLook
{
    /// <returns>Whether the join was answered.</returns>
    public static async Task<bool> TryAsync(string who, Uri server, Wire wire, string collection, ShopHistory history)
    {
        using var line = await ScreenLine.TryOpenAsync(server, wire);
        if (line is null)
        {
            return false;
        }

        var client = new ClientHistory(who, history);
        client.Joins(collection, since: null);
        await line.SendAsync("1", "1", $"collection:{collection}", "phx_join", """{"options":{}}""");
        while (await line.ReadAsync() is var (_, topic, @event, payload))
        {
            client.Hears(topic, @event, payload);
            if (@event == "phx_reply")
            {
                client.Loses(closeCode: null);
                return true;
            }
        }

        client.Loses(line.CloseCode);
        return false;
    }
}
