using System.Globalization;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>Chooses views for screens.</summary>
internal sealed class ViewChoice(SeededRandom random, RestartingShop shop)
{
    private const int MinutesBack = 3000;

    /// <summary>Chooses options if the collection has any.</summary>
    public ScreenView Choose(string collection)
    {
        var view = new ScreenView(collection);
        if (collection != ScreenView.Order || random.OneIn(4))
        {
            return view;
        }

        view = random.Below(4) switch
        {
            0 => view with { FromDate = ScreenView.Today },
            1 => FromDay(view),
            2 => FromTime(view),
            _ => view,
        };
        return view.FromDate is null || random.OneIn(2)
            ? view with { CustomerId = 1 + random.Below(OrderWrites.Customers) }
            : view;
    }

    private ScreenView FromDay(ScreenView view)
    {
        var day = shop.Calendar.DayOf(shop.Clock.GetUtcNow()).AddDays(random.Below(4) - 2);
        return view with
        {
            FromDate = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            From = shop.Calendar.StartOf(day),
        };
    }

    private ScreenView FromTime(ScreenView view)
    {
        var time = shop.Clock.GetUtcNow().AddMinutes(-random.Below(MinutesBack));
        var format = random.OneIn(2) ? "yyyy-MM-dd'T'HH:mm:ssK" : "yyyy-MM-dd'T'HH:mm:ss.fffK";
        var text = time
            .ToOffset(TimeSpan.FromHours(random.Below(5) - 2))
            .ToString(format, CultureInfo.InvariantCulture);
        return view with { FromDate = text, From = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) };
    }
}
