using System.Text.Json;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Records;

/// <summary>Answers with a collection's list, or a page of it.</summary>
internal sealed class RecordLists<TRecord, TDraft, TPatch>(
    IRecords<TRecord, TDraft, TPatch> records,
    RecordServices services,
    RecordAnswers<TRecord, TDraft, TPatch> answers)
    where TRecord : class, IRecord
{
    private readonly ListTags _tags = new();

    /// <summary>200, or 304 to a client that has the list already.</summary>
    /// <param name="context">The request.</param>
    /// <param name="list">The list, as far as the query's filters select it; or the filter that is malformed.</param>
    /// <param name="filters">The query parameters that are the collection's own.</param>
    /// <param name="isLong">Whether the list grows with the shop's age: then it waits for a turn to read.</param>
    public async Task WriteAsync(
        HttpContext context, Read<RecordList<TRecord>> list, IReadOnlyList<string> filters, bool isLong)
    {
        // Taken before the read. If the list already contains a later change, the only cost is one needless re-read.
        var seq = services.Database.LastSeq;
        var key = new ListTags.Key(answers.BaseOf(context.Request), context.Request.QueryString.Value);
        if (_tags.Find(key, seq) is { } known && EntityTags.Knows(context.Request, known))
        {
            context.WriteNotModified(known);
            return;
        }

        var errors = new List<FieldError>();
        ListQuery.RefuseUnknown(context.Request.Query, [.. ListQuery.Common, .. filters], errors);
        var slice = ListView.Read(context.Request.Query, records.List.SortFields, errors);
        if (errors.Count == 0 && list.Error is { } error)
        {
            errors.Add(error);
        }

        if (errors.Count > 0 || !list.IsRead)
        {
            await ErrorResponses.WriteBadRequestAsync(context, ErrorResponses.Describe(errors));
            return;
        }

        using var json = await ReadAsync(context, list.Value, slice, isLong);
        var tag = EntityTags.Of(json.Pieces);
        _tags.Keep(key, seq, tag);
        await context.WriteReadAsync(json, tag);
    }

    /// <summary>Writes records as a JSON array, each as it is read.</summary>
    public void WriteRecords(
        Utf8JsonWriter writer, IEnumerable<TRecord> listed, string baseUrl, CancellationToken cancellationToken)
    {
        writer.WriteStartArray();
        foreach (var record in listed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            answers.Write(writer, record, baseUrl);
            // Hands over what is written; the writer would otherwise hold all of it.
            writer.Flush();
        }

        writer.WriteEndArray();
    }

    private Task<PooledBytes> ReadAsync(HttpContext context, RecordList<TRecord> list, ListSlice slice, bool isLong)
    {
        // Taken now: the request may be over before the read.
        var baseUrl = answers.BaseOf(context.Request);
        return isLong
            ? services.LongReads.ReadAsync(context, Encode)
            : services.Database.ReadAsync(Encode, context.RequestAborted);

        PooledBytes Encode(ReadTransaction transaction)
        {
            var part = list.Read(transaction, slice);
            return JsonResponses.EncodeLong(writer => ListView.Write(writer, slice, part.Total, () =>
                WriteRecords(writer, part.Records, baseUrl, transaction.CancellationToken)));
        }
    }
}
