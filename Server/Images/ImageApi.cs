using Kaffediem.Server.Admission;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Images;

/// <summary><c>GET /uploads/{name}</c>: the images, for everyone. The content under a name never changes.</summary>
internal sealed class ImageApi(ImageStore store, SentFiles files, LongAnswers answers)
{
    public void Map(IEndpointRouteBuilder app) =>
        app.MapMethods(ImageUrls.Path + "{name}", [HttpMethods.Get, HttpMethods.Head], SendAsync);

    private async Task SendAsync(HttpContext context)
    {
        var name = (string)context.GetRouteValue("name")!; // the route requires it
        if (ImageName.KindOf(name) is not { } kind || store.Open(name) is not { } content)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await using (content)
        {
            using var room = await files.WaitForRoomAsync(context, content.Length);
            await SendAsync(context, name, kind, content);
        }
    }

    private Task SendAsync(HttpContext context, string name, ImageKind kind, Stream content)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        // Images are made to be shown on pages of other origins.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        context.Response.Body = new PacedStream(answers.Open(context));
        var image = TypedResults.Stream(
            content, kind.ContentType, entityTag: new EntityTagHeaderValue($"\"{name}\""), enableRangeProcessing: true);
        return image.ExecuteAsync(context);
    }
}
