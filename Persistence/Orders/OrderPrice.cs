namespace Kaffediem.Persistence.Orders;

/// <summary>
/// The price of an order, by the rule and in the arithmetic of the front end (its <c>src/lib/pricing.ts</c>), so that
/// an order has the price that the till has shown: the item's price plus the amounts, times the percentages, rounded up
/// to a krone.
/// </summary>
internal static class OrderPrice
{
    /// <summary>The sum of the lines; <c>null</c> if one of them is unknown.</summary>
    public static double? Of(IReadOnlyList<OrderItem> lines)
    {
        double total = 0;
        foreach (var line in lines)
        {
            if (line.Total is not { } price)
            {
                return null;
            }

            total += price;
        }

        return Known(total);
    }

    /// <summary>
    /// A line's price; <c>null</c> if the item's price is missing, or if it is unknown whether a price change is in
    /// kroner or in per cent.
    /// </summary>
    public static double? Of(OrderItem line)
    {
        double amounts = 0;
        double factor = 1;
        foreach (var customization in line.Customizations)
        {
            switch (customization)
            {
                case { PriceChange: null }:
                    break;
                case { PriceChange: { } amount, ConstantPrice: true }:
                    amounts += amount;
                    break;
                case { PriceChange: { } percent, ConstantPrice: false }:
                    factor *= percent / 100;
                    break;
                default:
                    return null;
            }
        }

        return line.Price is { } price ? Known(Math.Ceiling((price + amounts) * factor)) : null;
    }

    // JSON has no infinity. Adding zero turns -0, to which -0.5 is rounded, into 0.
    private static double? Known(double price) => double.IsFinite(price) ? price + 0.0 : null;
}
