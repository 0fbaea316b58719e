using System.Globalization;
using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>Writes to orders.</summary>
internal sealed class OrderWrites(SeededRandom random, RecordWrites orders, RecordWrites items, Tally tally)
{
    /// <summary>How many customers place orders.</summary>
    public const int Customers = 4;

    private const int Many = 70;

    // From the demo menu, which is never deleted: coffees, with milk (1) and syrup (3).
    private const int Coffees = 4;

    private int _serial;

    /// <summary>Does one write; with many orders, deletes more often.</summary>
    public Task WriteAsync() => (random.Below(100), orders.Count > Many) switch
    {
        ( < 20, false) or ( < 12, true) => PlaceAsync(),
        ( < 36, _) => orders.DeleteAsync(),
        _ => orders.PatchAsync(orders.Pick(), Patch()),
    };

    /// <summary>"Nullstill bestillinger" of the front end: a PATCH for every order, all at once.</summary>
    /// <returns>How many orders.</returns>
    public async Task<int> ResetAsync()
    {
        tally.Count("all orders dispatched at once");
        List<Task<long?>> all = [.. orders.All];
        foreach (var order in all)
        {
            await orders.PatchAsync(order, """{"state":"dispatched"}""");
        }

        return all.Count;
    }

    private Task PlaceAsync()
    {
        var rest = $$""","customer_id":{{Customer()}},"state":{{State()}},"missing_information":{{YesOrNo()}}""";
        var isNew = random.OneIn(8) && items.Count > 0;
        var item = isNew ? items.Pick()! : Task.FromResult<long?>(1 + random.Below(Coffees));
        var choices = isNew ? "[]" : Choices();
        return orders.CreateAsync(async () => await item is { } id
            ? $$"""{"items":[{"item":{{id}},"customizations":{{choices}}}]{{rest}}}"""
            : null);
    }

    private string Choices() => random.Pick(
        "[]",
        """[{"key":1,"value":[1]}]""",
        """[{"key":1,"value":[2]},{"key":3,"value":[6]},{"key":3,"value":[7]}]""",
        """[{"key":2,"value":[5]},{"key":99,"value":[1]},{"key":3,"value":[99,6]}]""");

    private string Patch() => random.Below(20) switch
    {
        < 8 => $$"""{"state":{{State()}}}""",
        < 12 => $$"""{"customer_id":{{Customer()}}}""",
        < 14 => $$"""{"missing_information":{{YesOrNo()}}}""",
        < 16 => $$"""{"items":[{{Line()}}]}""",
        < 18 => $$"""{"state":{{State()}},"customer_id":{{Customer()}},"missing_information":false,"id":7}""",
        < 19 => """{"items":[]}""",
        _ => "{}",
    };

    // An order stores the colours of its labels. A label without one is sent with the key's current colour, and a
    // change of that is not a change of the order. So every label here has a colour, or a key whose colour never
    // changes.
    private string Line()
    {
        var (id, color) = (random.Below(9), $"#{random.Below(10)}0ff00");
        var price = (random.Below(1000) / 10.0).ToString(CultureInfo.InvariantCulture);
        return $$"""
            {"item_id":{{id}},"name":"Æ{{++_serial}}","price":{{price}},"category":"Kaffe","customizations":[
            {"key_id":1,"key_name":"Melk","value_id":1,"value_name":"Hel","price_change":5,
            "constant_price":{{YesOrNo()}},"label_color":"{{color}}"}]}
            """;
    }

    private string Customer() => random.Below(Customers + 1) is > 0 and var id ? $"{id}" : "null";

    private string State() => random.Pick("\"received\"", "\"production\"", "\"completed\"", "\"dispatched\"");

    private string YesOrNo() => random.OneIn(2) ? "true" : "false";
}
