using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>
/// Writes to the four collections of the menu, to messages and to the status. Every change gives the menu a content it
/// has never had, however many changes are merged: two equal menus in a row are always a fault.
/// </summary>
internal sealed class OtherWrites(SeededRandom random, Func<string, RecordWrites> writesOf)
{
    private const int Few = 12;

    private int _serial;

    public Task WriteMenuAsync() => random.Below(10) switch
    {
        < 3 => WriteAsync(writesOf("category"), NewCategory, PatchCategory),
        < 6 => WriteAsync(writesOf("item"), NewItem, PatchItem),
        < 7 => MoveItemAsync(),
        < 8 => WriteAsync(writesOf("customization_key"), NewKey, PatchKey),
        _ => WriteAsync(writesOf("customization_value"), NewValue, PatchValue),
    };

    public Task WriteMessageAsync() => WriteAsync(
        writesOf("message"),
        () => Known($$"""{"title":{{random.Pick("\"\"", $"\"{Name()}\"", "null")}},"subtitle":null}"""),
        () => random.Pick($$"""{"title":"{{Name()}}"}""", $$"""{"title":"","subtitle":"{{Name()}}"}""", "{}"));

    public Task WriteStatusAsync()
    {
        var status = writesOf("status");
        if (random.OneIn(10))
        {
            return status.Count < 3 ? status.CreateAsync(Known("""{"open":true}""")) : status.DeleteAsync();
        }

        var rest = $$""","open":{{YesOrNo()}},"show_message":{{YesOrNo()}}""";
        var message = writesOf("message").Pick();
        return status.PatchAsync(status.Pick(), random.OneIn(10)
            ? Known("{}")
            : async () => message is not null && await message is { } id
                ? $$"""{"message_id":{{id}}{{rest}}}"""
                : $$"""{"message_id":null{{rest}}}""");
    }

    private Task WriteAsync(RecordWrites writes, Func<Func<Task<string?>>> create, Func<string> patch) =>
        (random.Below(10), writes.Count > Few) switch
        {
            ( < 2, false) or ( < 1, true) => writes.CreateAsync(create()),
            ( < 4, true) => writes.DeleteAsync(),
            _ => writes.PatchAsync(writes.Pick(), patch()),
        };

    private Task MoveItemAsync()
    {
        var (serial, category) = (++_serial, writesOf("category").Pick());
        return writesOf("item").PatchAsync(
            writesOf("item").Pick(),
            With(category, id => $$"""{"category_id":{{id}},"sort_order":{{serial}}}"""));
    }

    private string PatchCategory() => random.Pick(
        $$"""{"name":"{{Name()}}"}""",
        $$"""{"sort_order":{{++_serial}}}""",
        $$"""{"sort_order":{{++_serial}},"enable":{{YesOrNo()}},"valid_customizations":[3]}""",
        "{}");

    private string PatchItem() => random.Pick(
        $$"""{"name":"{{Name()}}"}""",
        $$"""{"price_nok":{{++_serial}},"image":"http://elsewhere.example/{{_serial}}.png"}""",
        "{}");

    private string PatchKey() => random.Pick(
        $$"""{"name":"{{Name()}}"}""",
        $$"""{"sort_order":{{++_serial}},"multiple_choice":{{YesOrNo()}}}""",
        """{"id":5}""");

    private string PatchValue() => random.Pick(
        $$"""{"name":"{{Name()}}","price_increment_nok":{{random.Below(50) - 10}}}""",
        $$"""{"sort_order":{{++_serial}}}""",
        "{}");

    private Func<Task<string?>> NewCategory()
    {
        var (keys, order) = (random.Pick("[]", "[1]", "[1,3]"), random.Below(9));
        return Known($$"""{"id":0,"name":"{{Name()}}","sort_order":{{order}},"valid_customizations":{{keys}}}""");
    }

    private Func<Task<string?>> NewItem()
    {
        var rest = $$""","name":"{{Name()}}","price_nok":{{random.Below(90)}},"image":"","enable":true""";
        return With(writesOf("category").Pick(), id => $$"""{"category_id":{{id}}{{rest}}}""");
    }

    private Func<Task<string?>> NewKey()
    {
        var color = $"#ff00{random.Below(10)}0";
        return Known($$"""{"name":"{{Name()}}","enable":true,"label_color":"{{color}}","default_value":""}""");
    }

    private Func<Task<string?>> NewValue()
    {
        var rest = $$""","name":"{{Name()}}","constant_price":{{YesOrNo()}}""";
        return With(writesOf("customization_key").Pick(), id => $$"""{"belongs_to":{{id}}{{rest}}}""");
    }

    private static Func<Task<string?>> Known(string json) => () => Task.FromResult<string?>(json);

    private static Func<Task<string?>> With(Task<long?>? id, Func<long, string> json) =>
        async () => id is not null && await id is { } known ? json(known) : null;

    private string Name() => $"Ny {++_serial} å\\\"";

    private string YesOrNo() => random.OneIn(2) ? "true" : "false";
}
