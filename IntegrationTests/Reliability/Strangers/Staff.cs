using System.Diagnostics;
using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>The shop's people who request something all the time, and what they request.</summary>
internal sealed class Staff : IDisposable
{
    private const string JoinToday = """["1","1","collection:order","phx_join",{"options":{"from_date":"today"}}]""";

    private readonly AttackedShop _shop;
    private readonly RestClient _till;
    private readonly RestClient _prober;
    private readonly RestClient _administrator;
    private int _joins;

    public Staff(AttackedShop shop)
    {
        _shop = shop;
        _till = shop.CreateClient(shop.AdministratorCookie);
        _prober = shop.CreateClient();
        _administrator = shop.CreateClient();
        // The till keeps a connection; the others open one each time, which has to succeed as well.
        _prober.Headers.ConnectionClose = _administrator.Headers.ConnectionClose = true;
    }

    /// <summary>Requests each service repeatedly and measures the times. A wrong answer is a fault.</summary>
    public Task RunAsync(Func<Phase> phase, ServiceTimes times, Faults faults, CancellationToken stop)
    {
        return Task.WhenAll(
            RepeatAsync(Service.Order, 20, PlaceAsync),
            RepeatAsync(Service.Health, 50, AskHealthAsync),
            RepeatAsync(Service.SignIn, 400, SignInAsync, SignOutAsync),
            RepeatAsync(Service.Join, 200, JoinAsync));

        // With a pause in milliseconds; what settles a request is not measured.
        async Task RepeatAsync(Service service, int pause, Func<Task> ask, Func<Task>? settle = null)
        {
            while (!stop.IsCancellationRequested)
            {
                var (asked, time) = (phase(), Stopwatch.StartNew());
                try
                {
                    await ask();
                    times.Add(service, asked, time.Elapsed);
                    await (settle?.Invoke() ?? Task.CompletedTask);
                }
                catch (Exception exception)
                {
                    faults.Add($"{service}, {asked}, after {time.Elapsed.TotalSeconds:F1} s: {exception.Message}");
                    return;
                }

                await Task.WhenAny(Task.Delay(pause, stop));
            }
        }
    }

    /// <summary>Places an order.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> PlaceAsync()
    {
        var order = $$"""{"uuid":"{{Guid.NewGuid()}}","items":[{"item":1}]}""";
        return (await _till.PostAsync(ShopFolder.Orders, order)).Is(201).GetProperty("id").GetInt64();
    }

    /// <summary>Broadcasts a message to every screen.</summary>
    public async Task AnnounceAsync() =>
        (await _till.PostAsync("/api/collections/message/records", """{"title":"Vi stenger"}""")).Is(201);

    public void Dispose()
    {
        _till.Dispose();
        _prober.Dispose();
        _administrator.Dispose();
    }

    private async Task AskHealthAsync() => (await _prober.GetAsync("/health")).Is(200);

    private async Task SignInAsync() =>
        (await _administrator.SignInAsync(YearOldFile.Administrator, YearOldFile.Password)).Is(200);

    private async Task SignOutAsync()
    {
        (await _administrator.GetAsync("/api/session")).Is(200);
        (await _administrator.DeleteAsync("/api/session")).Is(204);
    }

    // Over WebSocket and over long-poll in turn.
    private Task JoinAsync() => ++_joins % 2 == 0 ? JoinByPollAsync() : JoinBySocketAsync();

    private async Task JoinBySocketAsync()
    {
        using var client = await FrameClient.ConnectAsync(
            _shop.Address, headers: _shop.HeadersOf(_shop.AdministratorCookie));
        client.Patience = Patience.ForTimeouts;
        Assert.Equal(101, client.Status);
        await client.SendTextAsync(JoinToday);
        AssertJoined(await client.ReadTextAsync());
    }

    private async Task JoinByPollAsync()
    {
        using var client = new LongPollClient(_shop.Address);
        foreach (var (name, value) in _shop.HeadersOf(_shop.AdministratorCookie))
        {
            client.Headers.Add(name, value);
        }

        Assert.Equal(410, (await client.PollAsync()).Status);
        Assert.Equal(200, (await client.PostAsync(JoinToday)).Status);
        AssertJoined((await client.ReadAsync(1))[0]);
    }

    private static void AssertJoined(string message) =>
        Assert.Contains("\"status\":\"ok\"", message, StringComparison.Ordinal);
}
