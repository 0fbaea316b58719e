using System.Text.Json.Serialization.Metadata;
using Dapper;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Stores;
using Kaffediem.Persistence.Transactions;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>SQLite sorts and pages random records as a comparison of the records themselves does.</summary>
public sealed class ListOrderTests
{
    // More orders than OrderListKeys sorts itself, with and without a filter.
    private static readonly int Orders = TestSettings.Pick(quick: 1500, full: 3000, @long: 3000);

    private static readonly string?[] Texts =
        [null, "", "a", "A", "aa", "Å", "ø", "z", "\U0001F600", "！", "", "10", "9", "é", "e"];

    private static readonly string[] Times =
    [
        "2026-11-23T08:00:00", "2026-11-23T08:00:00.000", "2026-11-23T08:00:00.250", "2026-11-23T08:00:00.999",
        "2026-11-23T08:00:01", "2026-11-23T08:00:01.001", "2026-11-22T23:59:59.999",
    ];

    private static readonly OrderFilter[] Filters =
    [
        new(),
        new() { Today = true },
        new() { From = At("2026-11-23T08:00:00.25Z") },
        new() { From = At("2020-01-01T00:00:00Z") },
        new() { CustomerId = 1 },
        new() { CustomerId = 2 },
        new() { CustomerId = 1, From = At("2026-11-01T00:00:00Z") },
        new() { CustomerId = 2, From = At("2026-11-01T00:00:00Z") },
        new() { CustomerId = 1, Today = true },
        new() { CustomerId = 4711 },
    ];

    public static TheoryData<string> Collections =>
        ["category", "item", "customization_key", "customization_value", "message", "status", "order"];

    [Theory]
    [MemberData(nameof(Collections))]
    public void Every_field_with_an_order_has_a_column(string collection)
    {
        var (fields, sortFields) = collection switch
        {
            "category" => Fields(new CategoryStore()),
            "item" => Fields(new ItemStore()),
            "customization_key" => Fields(new CustomizationKeyStore()),
            "customization_value" => Fields(new CustomizationValueStore()),
            "message" => Fields(new NoticeStore()),
            "status" => Fields(new StatusStore()),
            _ => (FieldsOf<Order>(), OrderStore.Matching(new OrderFilter()).SortFields),
        };

        Assert.Equal(fields, sortFields);
    }

    [Theory]
    [MemberData(nameof(Collections))]
    public async Task Random_records_are_listed_in_the_order_of_their_values(string collection)
    {
        var random = new Random(collection.GetHashCode(StringComparison.Ordinal) & 1);
        await using var test = new TestDatabase();
        await test.OrderStore.BeginDayAsync(Token);
        test.Execute(Fill(random));

        await (collection switch
        {
            "category" => CompareAsync(test, random, new CategoryStore(), "sort_order, name, id"),
            "item" => CompareAsync(test, random, new ItemStore(), "sort_order, name, id"),
            "customization_key" => CompareAsync(test, random, new CustomizationKeyStore(), "sort_order, name, id"),
            "customization_value" => CompareAsync(test, random, new CustomizationValueStore(), "sort_order, name, id"),
            "message" => CompareAsync(test, random, new NoticeStore(), "title, id"),
            "status" => CompareAsync(test, random, new StatusStore(), "id"),
            _ => CompareOrdersAsync(test, random),
        });
    }

    private static Task CompareAsync<TRecord, TDraft, TPatch>(
        TestDatabase test, Random random, IRecords<TRecord, TDraft, TPatch> records, string ownOrder)
        where TRecord : class, IRecord =>
        CompareAsync(test, random, records.List, transaction =>
        {
            var ids = transaction.Connection.Query<long>($"SELECT id FROM {records.Name} ORDER BY {ownOrder}");
            return [.. ids.Select(id => records.Find(transaction, id)).OfType<TRecord>()];
        });

    private static async Task CompareOrdersAsync(TestDatabase test, Random random)
    {
        // Some filters leave so few orders that they are sorted at once; for others SQLite follows an index.
        test.Execute(string.Join('\n', Enumerable.Range(1, Orders).Select(id => InsertOrder(random, id))));
        var all = await test.Database.ReadAsync(
            transaction => transaction.Connection.Query<OrderRow>(
                $"""SELECT {OrderStore.Columns} FROM "order" """).ToList(),
            Token);
        var today = await test.Database.ReadAsync(transaction => CurrentDay.Start(transaction.Connection), Token);
        foreach (var filter in Filters)
        {
            await CompareAsync(test, random, OrderStore.Matching(filter), transaction =>
            {
                var colors = LabelColors.Read(transaction.Connection);
                return
                [
                    .. all.Where(row => Passes(filter, row, today))
                        .Select(row => row.ToOrder(colors))
                        .OrderBy(order => order.DayId).ThenBy(order => order.Id),
                ];
            });
        }
    }

    private static bool Passes(OrderFilter filter, OrderRow row, string today) =>
        (!filter.Today || string.CompareOrdinal(row.InsertedAt, today) >= 0)
        && (filter.From is not { } from || string.CompareOrdinal(row.InsertedAt, Timestamp.FormatBound(from)) >= 0)
        && (filter.CustomerId is null || filter.CustomerId == row.CustomerId);

    /// <summary>Compares the collection's own order, each field both ways, and some sorts of several fields.</summary>
    private static async Task CompareAsync<TRecord>(
        TestDatabase test,
        Random random,
        RecordList<TRecord> list,
        Func<ReadTransaction, IReadOnlyList<TRecord>> readAll)
        where TRecord : class, IRecord
    {
        var names = FieldsOf<TRecord>().ToArray();
        var sorts = names.SelectMany(name => new[] { name, $"-{name}" })
            .Concat(Enumerable.Range(0, 8).Select(_ => RandomSort(random, names)))
            .Append("");
        var all = await test.Database.ReadAsync(readAll, Token);
        foreach (var sort in sorts)
        {
            IReadOnlyList<SortField> fields =
            [
                .. sort.Split(',', StringSplitOptions.RemoveEmptyEntries)
                    .Select(part => new SortField(part.TrimStart('-'), part.StartsWith('-'))),
            ];
            var expected = fields.Count == 0 ? all : [.. all.Order(new RecordOrder<TRecord>(fields))];
            await CompareAsync(test, list, sort, expected, new ListSlice { Sort = fields });
            foreach (var (page, perPage) in Pages(random, all.Count))
            {
                await CompareAsync(
                    test, list, sort, expected, new ListSlice { Sort = fields, Page = page, PerPage = perPage });
            }
        }
    }

    private static async Task CompareAsync<TRecord>(
        TestDatabase test, RecordList<TRecord> list, string sort, IReadOnlyList<TRecord> expected, ListSlice slice)
        where TRecord : class, IRecord
    {
        var (total, ids) = await test.Database.ReadAsync(
            transaction =>
            {
                var part = list.Read(transaction, slice);
                return (part.Total, part.Records.Select(record => record.Id).ToList());
            },
            Token);

        var wanted = slice.Page is not { } page ? expected
            : expected.Chunk(slice.PerPage).ElementAtOrDefault((int)Math.Min(page - 1, int.MaxValue)) ?? [];
        Assert.Equal((sort, string.Join(',', wanted.Select(record => record.Id))), (sort, string.Join(',', ids)));
        Assert.Equal(slice.Page is null ? null : expected.Count, total);
    }

    private static (long Page, int PerPage)[] Pages(Random random, int count)
    {
        (long Page, int PerPage)[] all =
        [
            (1, 30), (1, 1), (2, 7), (long.MaxValue, 500), (random.Next(1, count + 2), 1),
            ((count / 30) + 1, 30), (random.Next(1, (count / 30) + 2), 30), (random.Next(1, (count / 7) + 2), 7),
        ];
        return TestSettings.IsQuick ? random.GetItems(all, 2) : all;
    }

    private static string RandomSort(Random random, string[] names) =>
        string.Join(',', random.GetItems(names, random.Next(2, 5)).Distinct()
            .Select(name => random.Next(2) == 0 ? name : $"-{name}"));

    private static (IEnumerable<string> Fields, IReadOnlyList<string> SortFields) Fields<TRecord, TDraft, TPatch>(
        IRecords<TRecord, TDraft, TPatch> records)
        where TRecord : class, IRecord => (FieldsOf<TRecord>(), records.List.SortFields);

    private static IEnumerable<string> FieldsOf<TRecord>() => StoreJson.Of<TRecord>().Properties
        .Where(property => typeof(IComparable).IsAssignableFrom(
            Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType))
        .Select(property => property.Name);

    private static string Fill(Random random) => string.Join('\n', Enumerable.Range(1, 60).Select(id =>
        $"""
        INSERT INTO category (name, sort_order, enable, inserted_at, updated_at)
             VALUES ({Text(random, "")}, {Number(random)}, {Flag(random)}, {Time(random)}, {Time(random)});
        INSERT INTO item (name, category_id, image, enable, sort_order, price_nok, inserted_at, updated_at)
             VALUES ('{id % 7}' || {Text(random, "")} || '{id}', {(id % 5 == 0 ? "NULL" : $"{random.Next(1, id)}")},
                     {Text(random, null)}, {Flag(random)}, {Number(random)}, {Number(random)}, {Time(random)},
                     {Time(random)});
        INSERT INTO customization_key (name, enable, label_color, default_value, multiple_choice, sort_order,
                                       inserted_at, updated_at)
             VALUES ({Text(random, "")}, {Flag(random)}, {Text(random, null)}, {Text(random, null)}, {Flag(random)},
                     {Number(random)}, {Time(random)}, {Time(random)});
        INSERT INTO customization_value (name, belongs_to, enable, constant_price, sort_order, price_increment_nok,
                                         inserted_at, updated_at)
             VALUES ({Text(random, "")}, {Number(random)}, {Flag(random)}, {Flag(random)}, {Number(random)},
                     {Number(random)}, {Time(random)}, {Time(random)});
        INSERT INTO message (title, subtitle, inserted_at, updated_at)
             VALUES ({Text(random, "")}, {Text(random, null)}, {Time(random)}, {Time(random)});
        INSERT INTO status (open, show_message, message_id, inserted_at, updated_at)
             VALUES ({Flag(random)}, {Flag(random)}, {(id % 3 == 0 ? "NULL" : Number(random))}, {Time(random)},
                     {Time(random)});
        """));

    private static string InsertOrder(Random random, int id) =>
        $"""
        INSERT INTO "order" (id, uuid, customer_id, day_id, items_data, state, missing_information,
                             inserted_at, updated_at)
             VALUES ({id}, '{random.Next():x8}-{id}', {(random.Next(9) == 0 ? "NULL" : random.Next(3) > 0 ? "1" : "2")},
                     {random.Next(101, 130)}, {Items(random)}, '{random.GetItems([.. OrderState.All], 1)[0]}',
                     {Flag(random)}, {OrderTime(random)}, {OrderTime(random)});
        """;

    // Some orders have exactly the times above; most are spread over many seconds.
    private static string OrderTime(Random random) => random.Next(4) == 0
        ? Time(random)
        : $"'2026-11-{random.Next(20, 24)}T08:{random.Next(10):00}:{random.Next(60):00}{Fraction(random)}'";

    private static string Fraction(Random random) => random.GetItems(["", ".000", ".500"], 1)[0];

    private static string Items(Random random) => random.Next(6) switch
    {
        0 => "NULL",
        1 => """'[{"name":"unknown"}]'""",
        2 => """'[{"price":10.5},{"price":2.25}]'""",
        _ => $$"""'[{"price":{{random.Next(100)}},"customizations":[{"price_change":150,"constant_price":false}]}]'""",
    };

    private static string Text(Random random, string? instead) =>
        (random.GetItems(Texts, 1)[0] ?? instead) is { } text ? $"'{text}'" : "NULL";

    private static string Number(Random random) => $"{random.Next(-5, 15)}";

    private static string Flag(Random random) => random.GetItems(["0", "1", "1", "2"], 1)[0];

    private static string Time(Random random) => $"'{random.GetItems(Times, 1)[0]}'";

    private static DateTimeOffset At(string time) =>
        DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>
    /// The rules of docs/rest.md, "Lists": null first, text by the code points of its characters, equal records by id.
    /// </summary>
    private sealed class RecordOrder<TRecord>(IReadOnlyList<SortField> sort) : IComparer<TRecord>
    {
        private readonly (JsonPropertyInfo Property, bool IsDescending)[] _fields =
        [
            .. sort.Append(new SortField("id", IsDescending: false)).Select(field =>
                (StoreJson.Of<TRecord>().Properties.First(it => it.Name == field.Name), field.IsDescending)),
        ];

        public int Compare(TRecord? x, TRecord? y) => _fields
            .Select(field => Compare(field.Property.Get!(x!), field.Property.Get!(y!)) * (field.IsDescending ? -1 : 1))
            .FirstOrDefault(order => order != 0);

        private static int Compare(object? x, object? y) => (x, y) switch
        {
            (string text, string other) => Math.Sign(string.CompareOrdinal(text, other)),
            _ => Math.Sign(Comparer<object>.Default.Compare(x, y)),
        };
    }
}
