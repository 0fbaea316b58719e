using Kaffediem.Persistence;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>Users and their sessions.</summary>
public sealed class AccountStoreTests
{
    private static readonly byte[] Hash = Enumerable.Repeat((byte)7, 32).ToArray();

    [Fact]
    public async Task A_user_is_found_by_email_in_any_case()
    {
        await using var test = TestDatabase.WithSample();

        var user = (await test.Users.FindByEmailAsync("ADMIN@kaffediem.TEST", Token))!;

        Assert.Equal((1, "admin@kaffediem.test", "Kaffediem", true), (user.Id, user.Email, user.Name, user.IsAdmin));
        Assert.StartsWith("$2b$12$", user.HashedPassword);
        Assert.Null(await test.Users.FindByEmailAsync(" admin@kaffediem.test ", Token));
        Assert.Equal(user, await test.Users.FindAsync(1, Token));
    }

    [Fact]
    public async Task A_taken_email_is_refused_in_any_case()
    {
        await using var test = TestDatabase.WithSample();

        var errors = await test.Users.CreateAsync("Admin@Kaffediem.Test", null, null, isAdmin: false, Token).Refused();

        Assert.Equal([new FieldError("email", "has already been taken")], errors);
        Assert.Equal(1, await test.Users.CountAsync(Token));
    }

    [Fact]
    public async Task The_first_administrator_is_the_one_with_the_lowest_id()
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
    public async Task A_user_as_text_tells_no_more_than_the_id()
    {
        await using var test = TestDatabase.WithSample();

        Assert.Equal("User 1", (await test.Users.FindAsync(1, Token))!.ToString());
    }

    [Fact]
    public async Task A_session_has_a_user_until_it_is_over_or_ended()
    {
        await using var test = TestDatabase.WithSample();
        var expires = test.Time.GetUtcNow().AddHours(1);
        await test.Sessions.CreateAsync(Hash, userId: 1, expires, Token);

        Assert.Equal(1, (await test.Sessions.FindUserAsync(Hash, expires.AddSeconds(-1), Token))!.Id);
        Assert.Null(await test.Sessions.FindUserAsync(Hash, expires, Token));
        Assert.Null(await test.Sessions.FindUserAsync(new byte[32], test.Time.GetUtcNow(), Token));

        Assert.True(await test.Sessions.DeleteAsync(Hash, Token));
        Assert.False(await test.Sessions.DeleteAsync(Hash, Token));
        Assert.Null(await test.Sessions.FindUserAsync(Hash, test.Time.GetUtcNow(), Token));
    }

    [Fact]
    public async Task A_new_session_forgets_those_that_are_over()
    {
        await using var test = TestDatabase.WithSample();
        await test.Sessions.CreateAsync(Hash, userId: 1, test.Time.GetUtcNow().AddHours(1), Token);
        test.Time.Advance(TimeSpan.FromHours(1));

        await test.Sessions.CreateAsync(new byte[32], userId: 1, test.Time.GetUtcNow().AddHours(1), Token);

        Assert.Equal(1, test.Query<long>("SELECT COUNT(*) FROM session").Single());
    }
}
