using System.Data;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Stores;

/// <summary>
/// The records of a new shop: a small menu to try things out, and the rows that the front end cannot create itself, a
/// status and a first notice.
/// </summary>
public static class DemoMenu
{
    /// <summary>Writes the records in one transaction. For a new database: existing records are not checked.</summary>
    public static Written<bool> Seed(WriteTransaction transaction)
    {
        SeedMenu(transaction);
        return new Written<bool>(true, [.. LogMenu(transaction.Connection), .. SeedContent(transaction)]);
    }

    /// <summary>Adds the status and the notice to an existing shop's database, if it has none.</summary>
    public static Task SeedContentAsync(Database database, CancellationToken cancellationToken) =>
        database.WriteAsync(
            transaction => new Written<bool>(true, [.. SeedContent(transaction)]), cancellationToken);

    // Only where they are missing. Kaffebase made none, and the front end only changes them: without them it can
    // neither close the shop nor write a notice (docs/design.md, "The front end").
    private static IEnumerable<NewChange> SeedContent(WriteTransaction transaction)
    {
        var hasNotice = transaction.Connection.ReadFlag("SELECT EXISTS (SELECT 1 FROM message)");
        var hasStatus = transaction.Connection.ReadFlag("SELECT EXISTS (SELECT 1 FROM status)");
        var notice = new NoticeDraft { Title = "Stengt i dag", Subtitle = "Velkommen tilbake i morgen" };
        return
        [
            .. hasNotice ? [] : NoticeStore.Create(transaction, notice).Changes,
            .. hasStatus ? [] : StatusStore.Create(transaction, new StatusDraft { Open = true }).Changes,
        ];
    }

    private static IEnumerable<NewChange> LogMenu(IDbConnection connection) =>
    [
        .. CategoryStore.ReadAll(connection).Select(CategoryStore.LogCreate),
        .. ItemStore.ReadAll(connection).Select(ItemStore.LogCreate),
        .. CustomizationKeyStore.ReadAll(connection).Select(CustomizationKeyStore.LogCreate),
        .. CustomizationValueStore.ReadAll(connection).Select(CustomizationValueStore.LogCreate),
    ];

    private static void SeedMenu(WriteTransaction transaction)
    {
        var milk = AddKey(transaction, new() { Name = "Melk", LabelColor = "#e8e2d0", SortOrder = 0 });
        AddValues(transaction, milk, isPercent: false, ("Hel", 0), ("Havre", 5), ("Laktosefri", 0));
        var size = AddKey(transaction, new() { Name = "Størrelse", LabelColor = "#b0d0ff", SortOrder = 1 });
        AddValues(transaction, size, isPercent: true, ("Liten", 100), ("Stor", 150));
        var syrup = AddKey(transaction, new() { Name = "Sirup", MultipleChoice = true, SortOrder = 2 });
        AddValues(transaction, syrup, isPercent: false, ("Vanilje", 5), ("Karamell", 5), ("Hasselnøtt", 7));

        var coffee = AddCategory(transaction, "Kaffe", sortOrder: 0, milk, size, syrup);
        AddItems(transaction, coffee, ("Latte", 45), ("Cortado", 40), ("Cappuccino", 42), ("Espresso", 30));
        var tea = AddCategory(transaction, "Te", sortOrder: 1, size);
        AddItems(transaction, tea, ("Grønn te", 25), ("Earl Grey", 25));
        var pastry = AddCategory(transaction, "Bakst", sortOrder: 2);
        AddItems(transaction, pastry, ("Kanelbolle", 35), ("Skolebrød", 38));
    }

    private static long AddKey(WriteTransaction transaction, CustomizationKeyDraft draft) =>
        CustomizationKeyStore.Insert(transaction, draft with { Enable = true }).Id;

    private static void AddValues(
        WriteTransaction transaction, long keyId, bool isPercent, params ReadOnlySpan<(string Name, long Price)> values)
    {
        var sortOrder = 0;
        foreach (var (name, price) in values)
        {
            CustomizationValueStore.Insert(transaction, new CustomizationValueDraft
            {
                Name = name,
                BelongsTo = keyId,
                PriceIncrementNok = price,
                ConstantPrice = !isPercent,
                Enable = true,
                SortOrder = sortOrder++,
            });
        }
    }

    private static long AddCategory(
        WriteTransaction transaction, string name, long sortOrder, params long[] validCustomizations) =>
        CategoryStore.Insert(transaction, new CategoryDraft
        {
            Name = name,
            SortOrder = sortOrder,
            Enable = true,
            ValidCustomizations = validCustomizations,
        }).Id;

    private static void AddItems(
        WriteTransaction transaction, long categoryId, params ReadOnlySpan<(string Name, long Price)> items)
    {
        var sortOrder = 0;
        foreach (var (name, price) in items)
        {
            ItemStore.Insert(transaction, new ItemDraft
            {
                Name = name,
                PriceNok = price,
                CategoryId = categoryId,
                Enable = true,
                SortOrder = sortOrder++,
            });
        }
    }
}
