using System.Globalization;
using Kaffediem.IntegrationTests.Protocol.Fuzz;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>What happens to the screens.</summary>
internal sealed class ScreenSteps
{
    private const int MaxTopics = 3;

    private static readonly string[] Collections =
        ["order", "order", "order", "menu", "category", "item", "customization_key", "customization_value", "message", "status"];

    private readonly FuzzRandom _random;
    private readonly Shop _shop;
    private readonly Tally _tally;
    private readonly List<(Screen Screen, Dictionary<string, ScreenView> Topics)> _screens;

    public ScreenSteps(FuzzRandom random, Shop shop, Tally tally, Faults faults)
    {
        (_random, _shop, _tally) = (random, shop, tally);
        _screens = [.. Enumerable.Range(1, 28).Select(number => (
            new Screen($"screen {number}", number <= 12 ? Wire.V2WebSocket : number <= 24 ? Wire.V1WebSocket : number <= 26 ? Wire.V2LongPoll : Wire.V1LongPoll, shop, tally, faults),
            new Dictionary<string, ScreenView>()))];
    }

    public IEnumerable<Screen> All => _screens.Select(screen => screen.Screen);

    /// <summary>The filters in use.</summary>
    public IReadOnlyList<ScreenView> Filters =>
        [.. _screens.SelectMany(screen => screen.Topics.Values).Where(view => view.IsFiltered).Distinct()];

    /// <summary>Tells one screen to do something.</summary>
    public void Step()
    {
        var (screen, topics) = _screens[_random.Below(_screens.Count)];
        screen.IsAway = false;
        var what = _random.Below(100);
        if (topics.Count == 0 || (what < 25 && topics.Count < MaxTopics))
        {
            Join(screen, topics, NewView(_random.Pick(Collections)), _random.OneIn(3) ? Since.Last : Since.Nothing);
        }
        else
        {
            Step(what, screen, topics, _random.Pick<ScreenView>([.. topics.Values]));
        }
    }

    private void Step(int what, Screen screen, Dictionary<string, ScreenView> topics, ScreenView view)
    {
        switch (what)
        {
            case < 35:
                topics.Remove(view.Collection);
                screen.Do(() => screen.LeaveAsync(view.Collection));
                break;
            case < 50:
                Join(screen, topics, view, _random.Pick(Since.Nothing, Since.Last, Since.Earlier, Since.Earlier, Since.Foreign, Since.Future));
                break;
            case < 60:
                Join(screen, topics, NewView(view.Collection), Since.Nothing);
                break;
            case < 62:
                topics.Remove("order");
                JoinBadly(screen);
                break;
            case < 72:
                Reload(screen, view.Collection);
                break;
            case < 96:
                _tally.Count("connections dropped");
                screen.Do(screen.DropAsync);
                screen.Do(screen.ReturnAsync);
                break;
            default:
                _tally.Count("screens switched off for longer");
                screen.IsAway = true;
                screen.Do(screen.DropAsync);
                break;
        }
    }

    private void Join(Screen screen, Dictionary<string, ScreenView> topics, ScreenView view, Since since)
    {
        topics[view.Collection] = view;
        var pick = _random.Below(1000);
        screen.Do(() => screen.JoinAsync(view, since, pick));
    }

    private void JoinBadly(Screen screen)
    {
        var payload = _random.Pick(
            """{"options":{"from_date":"i dag"}}""", """{"options":{"customer_id":"x"}}""", """{"options":7}""",
            """{"since":{"epoch":"x"}}""", """{"since":{"epoch":1,"seq":-1}}""");
        screen.Do(() => screen.JoinBadlyAsync("order", payload));
    }

    private void Reload(Screen screen, string collection)
    {
        for (var times = 1 + _random.Below(2); times > 0; times--)
        {
            screen.Do(() => screen.ReloadAsync(collection));
        }
    }

    private ScreenView NewView(string collection)
    {
        var view = new ScreenView(collection);
        if (collection != "order" || _random.OneIn(4))
        {
            return view;
        }

        var now = _shop.Clock.GetUtcNow();
        var day = _shop.Calendar.DayOf(now).AddDays(_random.Below(4) - 2);
        var time = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero).AddMinutes(-_random.Below(3000));
        view = _random.Below(4) switch
        {
            0 => view with { FromDate = ScreenView.Today },
            1 => view with { FromDate = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), From = _shop.Calendar.StartOf(day) },
            2 => view with
            {
                FromDate = time.ToOffset(TimeSpan.FromHours(_random.Below(5) - 2)).ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture),
                From = time,
            },
            _ => view,
        };
        return view.FromDate is null || _random.OneIn(2) ? view with { CustomerId = 1 + _random.Below(OrderWrites.Customers) } : view;
    }
}
