using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Stores;

/// <summary>
/// The data of a new shop: a small menu to try things on, and the rows that the front end cannot create itself, a
/// status and a first notice.
/// </summary>
public static class DemoMenu
{
    /// <summary>Writes all of it, for a new database: it does not look at what is there.</summary>
    public static Written<bool> Seed(WriteTransaction transaction)
    {
        var seeds = new Seeds(transaction);
        AddMenu(seeds);
        AddContent(seeds, transaction);
        return new Written<bool>(true, seeds.Changes);
    }

    /// <summary>Adds the status and the notice to an existing shop's database, if it has none.</summary>
    public static Task SeedContentAsync(Database database, CancellationToken cancellationToken) =>
        database.WriteAsync(
            transaction =>
            {
                var seeds = new Seeds(transaction);
                AddContent(seeds, transaction);
                return new Written<bool>(true, seeds.Changes);
            },
            cancellationToken);

    // Only where they are missing: Kaffebase created none, and without them the front end can neither close the shop
    // nor write a notice, because it only changes them (docs/design.md, "The front end").
    private static void AddContent(Seeds seeds, WriteTransaction transaction)
    {
        if (!transaction.Connection.ReadFlag("SELECT EXISTS (SELECT 1 FROM message)"))
        {
            seeds.Add(
                new NoticeStore(),
                new NoticeDraft { Title = "Stengt i dag", Subtitle = "Velkommen tilbake i morgen" });
        }

        if (!transaction.Connection.ReadFlag("SELECT EXISTS (SELECT 1 FROM status)"))
        {
            seeds.Add(new StatusStore(), new StatusDraft { Open = true });
        }
    }

    private static void AddMenu(Seeds seeds)
    {
        var milk = AddKey(seeds, new() { Name = "Melk", LabelColor = "#e8e2d0", SortOrder = 0 });
        AddValues(seeds, milk, isPercent: false, ("Hel", 0), ("Havre", 5), ("Laktosefri", 0));
        var size = AddKey(seeds, new() { Name = "Størrelse", LabelColor = "#b0d0ff", SortOrder = 1 });
        AddValues(seeds, size, isPercent: true, ("Liten", 100), ("Stor", 150));
        var syrup = AddKey(seeds, new() { Name = "Sirup", MultipleChoice = true, SortOrder = 2 });
        AddValues(seeds, syrup, isPercent: false, ("Vanilje", 5), ("Karamell", 5), ("Hasselnøtt", 7));

        var coffee = AddCategory(seeds, "Kaffe", sortOrder: 0, milk, size, syrup);
        AddItems(seeds, coffee, ("Latte", 45), ("Cortado", 40), ("Cappuccino", 42), ("Espresso", 30));
        var tea = AddCategory(seeds, "Te", sortOrder: 1, size);
        AddItems(seeds, tea, ("Grønn te", 25), ("Earl Grey", 25));
        var pastry = AddCategory(seeds, "Bakst", sortOrder: 2);
        AddItems(seeds, pastry, ("Kanelbolle", 35), ("Skolebrød", 38));
    }

    private static long AddKey(Seeds seeds, CustomizationKeyDraft draft) =>
        seeds.Add(new CustomizationKeyStore(), draft with { Enable = true });

    private static void AddValues(
        Seeds seeds, long keyId, bool isPercent, params ReadOnlySpan<(string Name, long Price)> values)
    {
        var sortOrder = 0;
        foreach (var (name, price) in values)
        {
            seeds.Add(new CustomizationValueStore(), new CustomizationValueDraft
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

    private static long AddCategory(Seeds seeds, string name, long sortOrder, params long[] validCustomizations) =>
        seeds.Add(new CategoryStore(), new CategoryDraft
        {
            Name = name,
            SortOrder = sortOrder,
            Enable = true,
            ValidCustomizations = validCustomizations,
        });

    private static void AddItems(
        Seeds seeds, long categoryId, params ReadOnlySpan<(string Name, long Price)> items)
    {
        var sortOrder = 0;
        foreach (var (name, price) in items)
        {
            seeds.Add(new ItemStore(), new ItemDraft
            {
                Name = name,
                PriceNok = price,
                CategoryId = categoryId,
                Enable = true,
                SortOrder = sortOrder++,
            });
        }
    }

    /// <summary>Creates records, and collects the changes that this makes.</summary>
    private sealed class Seeds(WriteTransaction transaction)
    {
        public List<NewChange> Changes { get; } = [];

        /// <returns>The record's id.</returns>
        public long Add<TRecord, TDraft, TPatch>(IRecords<TRecord, TDraft, TPatch> records, TDraft draft)
            where TRecord : class, IRecord
        {
            var (result, changes) = records.Create(transaction, draft);
            Changes.AddRange(changes);
            return result is WriteResult<TRecord>.Saved saved
                ? saved.Record.Id
                : throw new InvalidOperationException($"The demo menu's {records.Name} was refused.");
        }
    }
}
