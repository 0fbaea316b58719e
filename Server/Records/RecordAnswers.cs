using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Http;
using Kaffediem.Server.Images;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Records;

/// <summary>Answers with a collection's records: as they are stored, but for the addresses of images.</summary>
/// <param name="records">The collection.</param>
/// <param name="imageUrls">Makes addresses of images absolute; <c>null</c> where records have no images.</param>
internal sealed class RecordAnswers<TRecord, TDraft, TPatch>(
    IRecords<TRecord, TDraft, TPatch> records, ImageUrls? imageUrls)
    where TRecord : class, IRecord
{
    /// <summary>The beginning of images' addresses in the answer to a request; empty where there are none.</summary>
    public string BaseOf(HttpRequest request) => imageUrls?.BaseOf(request) ?? "";

    /// <summary>Writes a record with such addresses.</summary>
    public void Write(Utf8JsonWriter writer, TRecord record, string baseUrl)
    {
        if (imageUrls is null)
        {
            JsonSerializer.Serialize(writer, record, records.Json);
        }
        else
        {
            writer.WriteRawValue(
                ImageUrls.MakeAbsolute(Encode(record), baseUrl).Span, skipInputValidation: true);
        }
    }

    /// <summary>The tag that the answers with a record have, under whatever host.</summary>
    public EntityTagHeaderValue TagOf(TRecord record) => EntityTags.Of(Encode(record).Span);

    /// <summary>200 or 304: the record that was asked for.</summary>
    public Task WriteFoundAsync(HttpContext context, TRecord record)
    {
        var (json, tag) = EncodeFor(context.Request, Encode(record));
        return context.WriteReadAsync(json, tag);
    }

    /// <summary>201 with the new record, or why there is none.</summary>
    public Task WriteCreatedAsync(
        HttpContext context,
        WriteResult<TRecord> result,
        Func<IReadOnlyList<FieldError>, JsonObject>? describeRefusal = null)
    {
        if (result is not WriteResult<TRecord>.Saved saved)
        {
            return ErrorResponses.WriteAsync(context, result, describeRefusal ?? ErrorResponses.Describe);
        }

        if (saved.IsRetry)
        {
            context.Response.Headers["Idempotency-Replayed"] = "true";
        }

        context.Response.Headers.Location = LocationOf(saved.Record, context.Request);
        return WriteSavedAsync(context, StatusCodes.Status201Created, saved);
    }

    /// <summary>200 with the changed record, or why it was not changed.</summary>
    public Task WriteUpdatedAsync(HttpContext context, WriteResult<TRecord> result) =>
        result is WriteResult<TRecord>.Saved saved
            ? WriteSavedAsync(context, StatusCodes.Status200OK, saved)
            : ErrorResponses.WriteAsync(context, result, ErrorResponses.Describe);

    /// <summary>204, or why the record was not deleted.</summary>
    public static Task WriteDeletedAsync(HttpContext context, WriteResult<TRecord> result)
    {
        if (result is not WriteResult<TRecord>.Saved)
        {
            return ErrorResponses.WriteAsync(context, result, ErrorResponses.Describe);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task WriteSavedAsync(HttpContext context, int statusCode, WriteResult<TRecord>.Saved saved)
    {
        var (json, tag) = EncodeFor(context.Request, saved.Json ?? Encode(saved.Record));
        context.Response.Headers.ETag = tag.ToString();
        return context.WriteJsonAsync(statusCode, json);
    }

    /// <summary>A record as this request is sent it, and the tag that every answer with it has.</summary>
    private (ReadOnlyMemory<byte> Json, EntityTagHeaderValue Tag) EncodeFor(
        HttpRequest request, ReadOnlyMemory<byte> stored)
    {
        if (imageUrls is null)
        {
            return (stored, EntityTags.Of(stored.Span));
        }

        var sent = ImageUrls.MakeAbsolute(stored, BaseOf(request));
        return (sent, EntityTags.Of(stored.Span, sent.Span));
    }

    private ReadOnlyMemory<byte> Encode(TRecord record) =>
        JsonResponses.Encode(writer => JsonSerializer.Serialize(writer, record, records.Json));

    // Without scheme and host (RFC 9110 §10.2.2): a client uses those of its request, whatever proxies there are.
    private string LocationOf(TRecord record, HttpRequest request) =>
        $"{request.PathBase.ToUriComponent()}/api/collections/{records.Name}/records/{record.Id}";
}
