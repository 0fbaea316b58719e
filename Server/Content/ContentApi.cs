using Kaffediem.Persistence.Content;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Content;

/// <summary>The collections <c>message</c> and <c>status</c>: what the display shows beside the orders.</summary>
internal static class ContentApi
{
    public static void AddContent(this IServiceCollection services)
    {
        services.AddCollection(new NoticeStore(), ReadNotice, ReadNoticePatch);
        services.AddCollection(new StatusStore(), ReadStatus, ReadStatusPatch);
    }

    // An empty title is a title: the front end creates new messages that way.
    private static NoticeDraft ReadNotice(FieldReader body) => new()
    {
        Title = body.Text("title") ?? "",
        Subtitle = body.Text("subtitle"),
    };

    private static NoticePatch ReadNoticePatch(FieldReader body) => new()
    {
        Title = body.IfNamed("title", name => body.Text(name) ?? ""),
        Subtitle = body.IfNamed("subtitle", body.Text),
    };

    private static StatusDraft ReadStatus(FieldReader body) => new()
    {
        Open = body.Boolean("open") ?? false,
        ShowMessage = body.Boolean("show_message") ?? false,
        MessageId = body.Integer("message_id"),
    };

    private static StatusPatch ReadStatusPatch(FieldReader body) => new()
    {
        Open = body.IfNamed("open", body.RequiredBoolean),
        ShowMessage = body.IfNamed("show_message", body.RequiredBoolean),
        MessageId = body.IfNamed("message_id", body.Integer),
    };
}
