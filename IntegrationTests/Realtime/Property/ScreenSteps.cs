using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>What the screens do.</summary>
internal sealed class ScreenSteps
{
    private const int MaxTopics = 3;

    private static readonly (Wire Wire, int Screens)[] Wires =
        [(Wire.V2WebSocket, 12), (Wire.V1WebSocket, 12), (Wire.V2LongPoll, 2), (Wire.V1LongPoll, 2)];

    // Mostly orders: only they have filters.
    private static readonly string[] Collections =
    [
        ScreenView.Order, ScreenView.Order, ScreenView.Order, ScreenView.Menu,
        "category", "item", "customization_key", "customization_value", "message", "status",
    ];

    private readonly SeededRandom _random;
    private readonly ViewChoice _views;
    private readonly Tally _tally;
    private readonly List<(ShopScreen Screen, Dictionary<string, ScreenView> Topics)> _screens;

    public ScreenSteps(SeededRandom random, RestartingShop shop, Tally tally, Faults faults)
    {
        (_random, _views, _tally) = (random, new ViewChoice(random, shop), tally);
        _screens =
        [
            .. from wire in Wires
               from number in Enumerable.Range(1, wire.Screens)
               let screen = new ShopScreen($"screen {number}", wire.Wire, shop, tally, faults)
               select (screen, new Dictionary<string, ScreenView>()),
        ];
    }

    public IEnumerable<ShopScreen> All => _screens.Select(screen => screen.Screen);

    /// <summary>The filters in use.</summary>
    public IReadOnlyList<ScreenView> Filters =>
        [.. _screens.SelectMany(screen => screen.Topics.Values).Where(view => view.IsFiltered).Distinct()];

    /// <summary>Gives one screen a step.</summary>
    public void Step()
    {
        var (screen, topics) = _screens[_random.Below(_screens.Count)];
        screen.IsAway = false;
        var what = _random.Below(100);
        if (topics.Count == 0 || (what < 25 && topics.Count < MaxTopics))
        {
            var view = _views.Choose(_random.Pick(Collections));
            Join(screen, topics, view, _random.OneIn(3) ? ResumeFrom.Last : ResumeFrom.Nothing);
        }
        else
        {
            Step(what, screen, topics, _random.Pick<ScreenView>([.. topics.Values]));
        }
    }

    /// <summary>All screens join the same topic at once, as after a deployment: they share one read.</summary>
    public void Storm()
    {
        _tally.Count("storms of joins");
        var view = _random.OneIn(2) ? new ScreenView(ScreenView.Order) : _views.Choose(_random.Pick(Collections));
        foreach (var (screen, topics) in _screens)
        {
            if (!screen.IsAway && (topics.Count < MaxTopics || topics.ContainsKey(view.Collection)))
            {
                Join(screen, topics, view, ResumeFrom.Nothing);
            }
        }
    }

    private void Step(int what, ShopScreen screen, Dictionary<string, ScreenView> topics, ScreenView view)
    {
        switch (what)
        {
            case < 35:
                topics.Remove(view.Collection);
                screen.Do(() => screen.LeaveAsync(view.Collection));
                break;
            case < 50:
                Join(screen, topics, view, _random.Pick(
                    ResumeFrom.Nothing, ResumeFrom.Last, ResumeFrom.Earlier, ResumeFrom.Earlier, ResumeFrom.Foreign,
                    ResumeFrom.Future));
                break;
            case < 60:
                Join(screen, topics, _views.Choose(view.Collection), ResumeFrom.Nothing);
                break;
            case < 62:
                topics.Remove(ScreenView.Order);
                JoinBadly(screen);
                break;
            case < 72:
                Reload(screen, view.Collection);
                break;
            default:
                Drop(screen, isForLonger: what >= 96);
                break;
        }
    }

    private void Join(ShopScreen screen, Dictionary<string, ScreenView> topics, ScreenView view, ResumeFrom since)
    {
        topics[view.Collection] = view;
        var pick = _random.Below(1000);
        screen.Do(() => screen.JoinAsync(view, since, pick));
    }

    private void JoinBadly(ShopScreen screen)
    {
        var payload = _random.Pick(
            """{"options":{"from_date":"i dag"}}""",
            """{"options":{"customer_id":"x"}}""",
            """{"options":7}""",
            """{"since":{"epoch":"x"}}""",
            """{"since":{"epoch":1,"seq":-1}}""");
        screen.Do(() => screen.JoinBadlyAsync(ScreenView.Order, payload));
    }

    // Twice in a row: the second reload is sent before the first is answered.
    private void Reload(ShopScreen screen, string collection)
    {
        for (var times = 1 + _random.Below(2); times > 0; times--)
        {
            screen.Do(() => screen.ReloadAsync(collection));
        }
    }

    private void Drop(ShopScreen screen, bool isForLonger)
    {
        _tally.Count(isForLonger ? "screens switched off for longer" : "connections dropped");
        screen.IsAway = isForLonger;
        screen.Do(screen.DropAsync);
        if (!isForLonger)
        {
            screen.Do(screen.ReturnAsync);
        }
    }
}
