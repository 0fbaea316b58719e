using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.IntegrationTests.Persistence.Writing;

/// <summary>The stored idempotency keys of requests that may be retried.</summary>
public sealed class IdempotencyTests
{
    private const string CountKeys = "SELECT count(*) FROM idempotency";
    private const string CountNotices = "SELECT count(*) FROM message";

    [Fact]
    public async Task Key_is_stored_together_with_its_record_or_not_at_all()
    {
        await using var test = new TestDatabase();

        await Assert.ThrowsAsync<InvalidOperationException>(() => CreateAsync(test, "a", fails: true));
        Assert.Equal((0, 0), (test.Query<int>(CountKeys).Single(), test.Query<int>(CountNotices).Single()));

        await CreateAsync(test, "a");
        Assert.Equal((1, 1), (test.Query<int>(CountKeys).Single(), test.Query<int>(CountNotices).Single()));
    }

    [Fact]
    public async Task Expired_keys_are_deleted_when_the_next_one_is_stored()
    {
        await using var test = new TestDatabase();
        await CreateAsync(test, "a");
        test.Time.Advance(TimeSpan.FromHours(1));
        await CreateAsync(test, "b");
        test.Time.Advance(TimeSpan.FromHours(23.5));

        await CreateAsync(test, "c");

        Assert.Equal(["b", "c"], test.Query<string>("SELECT key FROM idempotency ORDER BY key"));
    }

    private static Task<WriteResult<Notice>> CreateAsync(TestDatabase test, string key, bool fails = false)
    {
        IdempotencyKey[] keys = [new("test", key, new byte[32], new FieldError("key", "was used"))];
        return test.Database.WriteAsync(
            transaction =>
            {
                var written = Idempotency.Once(
                    transaction,
                    keys,
                    ContentJson.Wire.Notice,
                    () => new NoticeStore().Create(transaction, new NoticeDraft { Title = key }));
                return fails ? throw new InvalidOperationException("after all was written") : written;
            },
            TestDatabase.Token);
    }
}
