using Kaffediem.Persistence.Accounts;
using Kaffediem.Persistence.Writing;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>Users and their sessions.</summary>
public sealed class AccountStoreTests
{
    private static readonly byte[] Hash = Enumerable.Repeat((byte)7, 32).ToArray();

    [Fact]
    public async Task User_is_found_by_email_in_any_case()
    {
        await using var test = TestDatabase.WithSample();

        var user = (await test.Users.FindByEmailAsync("ADMIN@kaffediem.TEST", Token))!;

        Assert.Equal((1, "admin@kaffediem.test", "Kaffediem", true), (user.Id, user.Email, user.Name, user.IsAdmin));
        Assert.StartsWith("$2b$12$", user.HashedPassword);
        Assert.Null(await test.Users.FindByEmailAsync(" admin@kaffediem.test ", Token));
        Assert.Equal(user, await test.Users.FindAsync(1, Token));
    }

    [Fact]
    public async Task Taken_email_is_refused_in_any_case()
    {
        await using var test = TestDatabase.WithSample();

        var errors = await test.Users.CreateAsync("Admin@Kaffediem.Test", null, null, isAdmin: false, Token).Refused();

        Assert.Equal([new FieldError("email", "has already been taken")], errors);
        Assert.Equal(1, await test.Users.CountAsync(Token));
    }

    [Fact]
    public async Task First_administrator_is_the_one_with_the_lowest_id()
    {
        await using var test = new TestDatabase();
        Assert.Null(await test.Users.FirstAdministratorAsync(Token));
        await test.Users.CreateAsync("kunde@kaffediem.test", null, null, isAdmin: false, Token).Saved();
        var first = await test.Users.CreateAsync("b@kaffediem.test", "B", "hash", isAdmin: true, Token).Saved();
        await test.Users.CreateAsync("a@kaffediem.test", "A", "hash", isAdmin: true, Token).Saved();

        Assert.Equal(first, await test.Users.FirstAdministratorAsync(Token));
        Assert.Equal(3, await test.Users.CountAsync(Token));
        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Text_of_a_user_has_only_the_id()
    {
        await using var test = TestDatabase.WithSample();

        Assert.Equal("User 1", (await test.Users.FindAsync(1, Token))!.ToString());
    }

    [Fact]
    public async Task Session_has_a_user_until_it_expires_or_is_ended()
    {
        await using var test = TestDatabase.WithSample();
        var expires = test.Time.GetUtcNow().AddHours(1);
        var user = (await test.Users.FindAsync(1, Token))!;
        Assert.True(await test.Sessions.CreateAsync(Hash, user, expires, device: null, Token));

        Assert.Equal(1, (await test.Sessions.FindUserAsync(Hash, expires.AddSeconds(-1), Token))!.Id);
        Assert.Null(await test.Sessions.FindUserAsync(Hash, expires, Token));
        Assert.Null(await test.Sessions.FindUserAsync(new byte[32], test.Time.GetUtcNow(), Token));

        Assert.True(await test.Sessions.DeleteAsync(Hash, Token));
        Assert.False(await test.Sessions.DeleteAsync(Hash, Token));
        Assert.Null(await test.Sessions.FindUserAsync(Hash, test.Time.GetUtcNow(), Token));
    }

    [Fact]
    public async Task New_session_deletes_expired_ones()
    {
        await using var test = TestDatabase.WithSample();
        var user = (await test.Users.FindAsync(1, Token))!;
        await test.Sessions.CreateAsync(Hash, user, test.Time.GetUtcNow().AddHours(1), device: null, Token);
        test.Time.Advance(TimeSpan.FromHours(1));

        await test.Sessions.CreateAsync(new byte[32], user, test.Time.GetUtcNow().AddHours(1), device: null, Token);

        Assert.Equal(1, test.Query<long>("SELECT COUNT(*) FROM session").Single());
    }

    [Fact]
    public async Task Session_501_of_a_user_ends_the_one_that_would_expire_first()
    {
        await using var test = TestDatabase.WithSample();
        var user = (await test.Users.FindAsync(1, Token))!;
        var other = await test.Users.CreateAsync("kari@x.no", "Kari", "a hash", isAdmin: false, Token).Saved();
        await BeginSessionsAsync(test, other, 1);
        for (var i = 0; i < 501; i++)
        {
            var expires = test.Time.GetUtcNow().AddHours(1).AddSeconds(i);
            Assert.True(await test.Sessions.CreateAsync(NumberedHash(i), user, expires, device: null, Token));
        }

        Assert.Null(await test.Sessions.FindUserAsync(NumberedHash(0), test.Time.GetUtcNow(), Token));
        Assert.NotNull(await test.Sessions.FindUserAsync(NumberedHash(1), test.Time.GetUtcNow(), Token));
        Assert.Equal(
            [500, 1], test.Query<long>("SELECT COUNT(*) FROM session GROUP BY user_id ORDER BY user_id"));
    }

    [Fact]
    public async Task Hundred_devices_of_a_user_are_known_and_returning_ones_are_kept()
    {
        await using var test = TestDatabase.WithSample();
        var user = (await test.Users.FindAsync(1, Token))!;
        await SignInAsync(new DeviceToken(NumberedHash(0), Replaced: null));
        await SignInAsync(new DeviceToken(NumberedHash(1), Replaced: NumberedHash(0)));
        for (var i = 2; i < 200; i++)
        {
            test.Time.Advance(TimeSpan.FromSeconds(1));
            await SignInAsync(new DeviceToken(NumberedHash(i), Replaced: null));
        }

        Assert.Equal(100, test.Query<long>("SELECT COUNT(*) FROM known_device").Single());
        Assert.Null(await FindAsync(0)); // replaced
        Assert.NotNull(await FindAsync(1)); // has returned
        Assert.Null(await FindAsync(100));
        Assert.NotNull(await FindAsync(101));
        Assert.NotNull(await FindAsync(199));

        async Task SignInAsync(DeviceToken device) => Assert.True(await test.Sessions.CreateAsync(
            device.Hash, user, test.Time.GetUtcNow().AddHours(1), device, Token));

        Task<KnownDevice?> FindAsync(int i) =>
            new KnownDeviceStore(test.Database).FindAsync(NumberedHash(i), user.Id, test.Time.GetUtcNow(), Token);
    }

    [Fact]
    public async Task New_password_ends_all_sessions_of_that_user_only()
    {
        await using var test = TestDatabase.WithSample();
        var other = await test.Users.CreateAsync(
            "kari@kaffediem.test", "Kari", "a hash", isAdmin: false, Token).Saved();
        await BeginSessionsAsync(test, (await test.Users.FindAsync(1, Token))!, 1, 2);
        await BeginSessionsAsync(test, other, 3);

        var changed = await test.Users.SetPasswordAsync("ADMIN@kaffediem.test", "another hash", Token).Saved();

        Assert.Equal((1, "another hash"), (changed.Id, changed.HashedPassword));
        Assert.Equal([other.Id], test.Query<long>("SELECT user_id FROM session"));
        Assert.Equal("2026-11-23T12:00:00", test.Query<string>("SELECT updated_at FROM users WHERE id = 1").Single());
        Assert.IsType<WriteResult<User>.NotFound>(await test.Users.SetPasswordAsync("nobody@x.y", "a hash", Token));
        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Password_that_changed_since_the_comparison_creates_no_session()
    {
        await using var test = TestDatabase.WithSample();
        var before = (await test.Users.FindAsync(1, Token))!;
        var expires = test.Time.GetUtcNow().AddHours(1);
        await test.Users.SetPasswordAsync(before.Email, "another hash", Token).Saved();

        Assert.False(await test.Sessions.CreateAsync(Hash, before, expires, device: null, Token));

        var now = (await test.Users.FindAsync(1, Token))!;
        await test.Users.RemoveAsync(now.Email, evenLastAdministrator: true, Token).Saved();
        Assert.False(await test.Sessions.CreateAsync(Hash, now, expires, device: null, Token));
    }

    [Fact]
    public async Task Removed_user_loses_its_sessions_and_its_id_stays_on_orders_and_is_not_reused()
    {
        await using var test = TestDatabase.WithSample();
        var user = await test.Users.CreateAsync("kari@kaffediem.test", "Kari", "a hash", isAdmin: true, Token).Saved();
        await BeginSessionsAsync(test, user, 1);
        test.Execute($"""UPDATE "order" SET customer_id = {user.Id} WHERE id = 1""");

        await test.Users.RemoveAsync("Kari@kaffediem.test", evenLastAdministrator: false, Token).Saved();

        Assert.Empty(test.Query<long>("SELECT user_id FROM session"));
        Assert.Equal([user.Id], test.Query<long>("""SELECT customer_id FROM "order" WHERE id = 1"""));
        var next = await test.Users.CreateAsync("kari@kaffediem.test", null, null, isAdmin: false, Token).Saved();
        Assert.NotEqual(user.Id, next.Id);
    }

    [Fact]
    public async Task Last_administrator_is_removed_only_on_request()
    {
        await using var test = TestDatabase.WithSample();
        var email = "admin@kaffediem.test";
        await test.Users.CreateAsync("kari@kaffediem.test", "Kari", "a hash", isAdmin: false, Token).Saved();

        var errors = await test.Users.RemoveAsync(email, evenLastAdministrator: false, Token).Refused();

        Assert.Equal([new FieldError("is_admin", "is the last one")], errors);
        await test.Users.RemoveAsync("kari@kaffediem.test", evenLastAdministrator: false, Token).Saved();
        Assert.IsType<WriteResult<User>.NotFound>(
            await test.Users.RemoveAsync("x@y", evenLastAdministrator: true, Token));
        await test.Users.RemoveAsync(email, evenLastAdministrator: true, Token).Saved();
        Assert.Empty(await test.Users.ListAsync(Token));
    }

    private static byte[] NumberedHash(int i) => [.. new byte[28], .. BitConverter.GetBytes(i)];

    private static async Task BeginSessionsAsync(TestDatabase test, User user, params byte[] tokens)
    {
        foreach (var token in tokens)
        {
            var hash = Enumerable.Repeat(token, 32).ToArray();
            var expires = test.Time.GetUtcNow().AddHours(1);
            Assert.True(await test.Sessions.CreateAsync(hash, user, expires, device: null, Token));
        }
    }
}
