using Kaffediem.Persistence.Content;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>Notices and the status.</summary>
public sealed class ContentStoreTests
{
    private const string Noon = "2026-11-23T12:00:00";

    [Fact]
    public async Task Notices_are_sorted_by_title_and_id()
    {
        await using var test = new TestDatabase();
        foreach (var title in new[] { "B", "", "A", "" })
        {
            await test.Notices.CreateAsync(new NoticeDraft { Title = title }, Token).Saved();
        }

        Assert.Equal([2, 4, 3, 1], (await test.Notices.ListAsync(Token)).Select(notice => notice.Id));
    }

    [Fact]
    public async Task Statuses_are_sorted_by_id()
    {
        await using var test = TestDatabase.WithSample();

        await test.Statuses.CreateAsync(new StatusDraft { Open = true, MessageId = 2 }, Token).Saved();

        Assert.Equal([1, 2], (await test.Statuses.ListAsync(Token)).Select(status => status.Id));
        Assert.StartsWith("status Create {\"id\":2,\"open\":true,", (await test.ChangesAsync())[0]);
    }

    [Fact]
    public async Task Patch_without_fields_does_nothing()
    {
        await using var test = TestDatabase.WithSample();
        var notice = await test.Notices.FindAsync(1, Token);
        var status = await test.Statuses.FindAsync(1, Token);

        Assert.Equal(notice, await test.Notices.UpdateAsync(1, new NoticePatch(), Token).Saved());
        Assert.Equal(status, await test.Statuses.UpdateAsync(1, new StatusPatch(), Token).Saved());
        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Patch_with_the_same_value_is_logged_and_keeps_the_time()
    {
        await using var test = TestDatabase.WithSample();
        var notice = await test.Notices.FindAsync(1, Token);
        var status = await test.Statuses.FindAsync(1, Token);

        Assert.Equal(
            notice, await test.Notices.UpdateAsync(1, new NoticePatch { Title = "Stengt i dag" }, Token).Saved());
        Assert.Equal(status, await test.Statuses.UpdateAsync(1, new StatusPatch { Open = true }, Token).Saved());
        var changes = await test.ChangesAsync();
        Assert.StartsWith("message Update {\"id\":1,", changes[0]);
        Assert.StartsWith("status Update {\"id\":1,", changes[1]);
    }

    [Fact]
    public async Task Patch_with_a_new_value_sets_it_and_the_time()
    {
        await using var test = TestDatabase.WithSample();
        var notice = (await test.Notices.FindAsync(1, Token))!;
        var status = (await test.Statuses.FindAsync(1, Token))!;

        var newNotice = await test.Notices.UpdateAsync(1, new NoticePatch { Subtitle = null }, Token).Saved();
        var newStatus = await test.Statuses.UpdateAsync(
            1, new StatusPatch { Open = false, ShowMessage = true, MessageId = null }, Token).Saved();

        Assert.Equal(notice with { Subtitle = null, UpdatedAt = Noon }, newNotice);
        Assert.Equal(
            status with { Open = false, ShowMessage = true, MessageId = null, UpdatedAt = Noon }, newStatus);
        Assert.Equal(newNotice, await test.Notices.FindAsync(1, Token));
        Assert.Equal(newStatus, await test.Statuses.FindAsync(1, Token));
    }

    [Fact]
    public async Task Deleting_a_shown_notice_clears_it_from_the_status_and_logs_both()
    {
        await using var test = TestDatabase.WithSample();

        await test.Notices.DeleteAsync(1, Token).Saved();

        var status = (await test.Statuses.FindAsync(1, Token))!;
        Assert.Equal((null, Noon), (status.MessageId, status.UpdatedAt));
        var changes = await test.ChangesAsync();
        Assert.Equal(2, changes.Count);
        Assert.StartsWith("""status Update {"id":1,"open":true,"show_message":false,"message_id":null,""", changes[0]);
        Assert.Equal("message Delete {\"id\":1}", changes[1]);
    }

    [Fact]
    public async Task Deleting_another_notice_does_not_change_the_status()
    {
        await using var test = TestDatabase.WithSample();

        await test.Notices.DeleteAsync(2, Token).Saved();

        Assert.Equal(["message Delete {\"id\":2}"], await test.ChangesAsync());
    }

    [Fact]
    public async Task Deleted_status_is_not_found()
    {
        await using var test = TestDatabase.WithSample();

        await test.Statuses.DeleteAsync(1, Token).Saved();

        await test.Statuses.DeleteAsync(1, Token).NotFound();
        await test.Statuses.UpdateAsync(1, new StatusPatch(), Token).NotFound();
        Assert.Equal(["status Delete {\"id\":1}"], await test.ChangesAsync());
    }
}
