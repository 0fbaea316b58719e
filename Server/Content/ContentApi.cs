using Kaffediem.Persistence.Content;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Content;

/// <summary>The collections <c>message</c> and <c>status</c>: what the display shows beside the orders.</summary>
internal static class ContentApi
{
    public static void MapContent(this WebApplication app)
    {
        MapNotices(app, app.Services.GetRequiredService<NoticeStore>());
        MapStatus(app, app.Services.GetRequiredService<StatusStore>());
    }

    private static void MapNotices(IEndpointRouteBuilder app, NoticeStore notices) =>
        new RecordEndpoints<Notice, NoticeDraft, NoticePatch>
        {
            Collection = "message",
            List = (_, _) => NoticeStore.Records,
            Find = notices.FindAsync,
            Current = NoticeStore.Find,
            Create = NoticeStore.Create,
            Update = NoticeStore.Update,
            Delete = NoticeStore.Delete,
            ReadDraft = body => new NoticeDraft { Title = body.Text("title") ?? "", Subtitle = body.Text("subtitle") },
            ReadPatch = body => new NoticePatch
            {
                // An empty title is a title: the front end makes new messages that way.
                Title = body.IfNamed("title", name => body.Text(name) ?? ""),
                Subtitle = body.IfNamed("subtitle", body.Text),
            },
        }.Map(app);

    private static void MapStatus(IEndpointRouteBuilder app, StatusStore status) =>
        new RecordEndpoints<Status, StatusDraft, StatusPatch>
        {
            Collection = "status",
            List = (_, _) => StatusStore.Records,
            Find = status.FindAsync,
            Current = StatusStore.Find,
            Create = StatusStore.Create,
            Update = StatusStore.Update,
            Delete = StatusStore.Delete,
            ReadDraft = body => new StatusDraft
            {
                Open = body.Boolean("open") ?? false,
                ShowMessage = body.Boolean("show_message") ?? false,
                MessageId = body.Integer("message_id"),
            },
            ReadPatch = body => new StatusPatch
            {
                Open = body.IfNamed("open", body.RequiredBoolean),
                ShowMessage = body.IfNamed("show_message", body.RequiredBoolean),
                MessageId = body.IfNamed("message_id", body.Integer),
            },
        }.Map(app);
}
