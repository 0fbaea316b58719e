using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Stores;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Http;
using Kaffediem.Server.Identity;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Records;

/// <summary>
/// The REST shape all collections share, under <c>/api/collections/{name}/records</c>. A feature fills in its store's
/// functions and how a body is read.
/// </summary>
internal sealed class RecordEndpoints<TRecord, TDraft, TPatch>
    where TRecord : class, IRecord
    where TDraft : class
    where TPatch : class
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] UpdateMethods = [HttpMethods.Patch, HttpMethods.Put];
    private readonly ListTags _listTags = new();

    public required string Collection { get; init; }

    /// <summary>Who may create; every other write is an administrator's.</summary>
    public WriteRight CreateRight { get; init; } = WriteRight.Administer;

    /// <summary>The query parameters of a list that are this collection's own.</summary>
    public IReadOnlyList<string> Filters { get; init; } = [];

    /// <summary>Finds the list; <c>null</c> when the query makes no sense, which is added to the errors.</summary>
    public required Func<IQueryCollection, List<FieldError>, RecordList<TRecord>?> List { get; init; }

    public required Func<long, CancellationToken, Task<TRecord?>> Find { get; init; }

    // What a write is made of. The conditions a client sets for it are looked at in the same transaction.

    public required Func<WriteTransaction, long, TRecord?> Current { get; init; }

    public required Func<WriteTransaction, TDraft, Written<WriteResult<TRecord>>> Create { get; init; }

    public required Func<WriteTransaction, long, TPatch, Written<WriteResult<TRecord>>> Update { get; init; }

    public required Func<WriteTransaction, long, Written<WriteResult<TRecord>>> Delete { get; init; }

    public required Func<FieldReader, TDraft> ReadDraft { get; init; }

    public required Func<FieldReader, TPatch> ReadPatch { get; init; }

    /// <summary>Finds the fields that this client may not set (default: none).</summary>
    public Func<TDraft, HttpContext, ValueTask<IReadOnlyList<FieldError>>> RefuseDraft { get; init; } =
        (_, _) => ValueTask.FromResult<IReadOnlyList<FieldError>>([]);

    /// <summary>
    /// Counts a new record against its client's quota, before it is written (default: there is no quota).
    /// </summary>
    public Func<TDraft, HttpContext, ValueTask<QuotaUse>> CountDraft { get; init; } =
        (_, _) => ValueTask.FromResult(QuotaUse.None);

    // Before the transaction, for what takes time, such as keeping a file; by default nothing.

    public Func<TDraft, CancellationToken, Task<TDraft>> PrepareDraft { get; init; } =
        (draft, _) => Task.FromResult(draft);

    public Func<TPatch, CancellationToken, Task<TPatch>> PreparePatch { get; init; } =
        (patch, _) => Task.FromResult(patch);

    /// <summary>The error of a form whose files are too large; <c>null</c> where forms have none.</summary>
    public FieldError? TooLarge { get; init; }

    /// <summary>Whether the list grows with the shop's age: it is read in turn (<see cref="LongReads"/>).</summary>
    public bool IsLong { get; init; }

    /// <summary>
    /// What addresses in the records begin with in the answer to a request; empty where they have none.
    /// </summary>
    public Func<HttpRequest, string> BaseOf { get; init; } = _ => "";

    /// <summary>How a record is shown with such addresses (default: as it is stored).</summary>
    public Func<TRecord, string, TRecord>? Show { get; init; }

    /// <summary>The uuid that the client gives a new record, so that it is made only once.</summary>
    public Func<TDraft, string?> ReadUuid { get; init; } = _ => null;

    /// <summary>
    /// Logs what only the clock has changed in the list: then it stays the same until the next change.
    /// </summary>
    public Func<CancellationToken, Task> CatchUp { get; init; } = _ => Task.CompletedTask;

    /// <summary>The answer's <c>errors</c> for what the store refused.</summary>
    public Func<IReadOnlyList<FieldError>, JsonObject> DescribeRefusal { get; init; } = ErrorResponses.Describe;

    // Made at the first request: to describe all records takes System.Text.Json longer than most of a start.
    private static JsonTypeInfo<TRecord> Json => field ??= StoreJson.Of<TRecord>();

    private static IReadOnlyList<string> RecordFields =>
        field ??= [.. Json.Properties.Select(property => property.Name)];

    public void Map(IEndpointRouteBuilder app)
    {
        var records = app.MapGroup($"/api/collections/{Collection}/records")
            .WithMetadata(new CollectionTypes(Collection, typeof(TRecord), typeof(TDraft), typeof(TPatch)));
        // Delegates of the context alone: for others the framework compiles code at every start.
        var database = app.ServiceProvider.GetRequiredService<Database>();
        var callers = app.ServiceProvider.GetRequiredService<Callers>();
        var longReads = app.ServiceProvider.GetRequiredService<LongReads>();
        records.MapMethods("", ReadMethods, context => ListAsync(context, database, longReads));
        records.MapMethods("{id}", ReadMethods, FindAsync);
        var create = records.MapPost("", context => CreateAsync(context, database, callers)).WithMetadata(CreateRight);
        if (CreateRight != WriteRight.Administer)
        {
            create.WithMetadata(BodyLimit.OfAnyone);
        }

        records.MapMethods("{id}", UpdateMethods, context => UpdateAsync(context, database))
            .WithMetadata(WriteRight.Administer);
        records.MapDelete("{id}", context => DeleteAsync(context, database)).WithMetadata(WriteRight.Administer);
    }

    private async Task ListAsync(HttpContext context, Database database, LongReads longReads)
    {
        await CatchUp(context.RequestAborted);
        // Taken before the read. If the list already contains a later change, the only cost is one needless re-read.
        var seq = database.LastSeq;
        var key = new ListTags.Key(BaseOf(context.Request), context.Request.QueryString.Value);
        if (_listTags.Find(key, seq) is { } known && EntityTags.Knows(context.Request, known))
        {
            context.WriteNotModified(known);
            return;
        }

        using var json = await ReadListAsync(context, database, longReads);
        if (json is not null)
        {
            var tag = EntityTags.Of(json.Pieces);
            _listTags.Keep(key, seq, tag);
            await context.WriteReadAsync(json, tag);
        }
    }

    private async Task FindAsync(HttpContext context)
    {
        if (context.ReadId() is not { } id)
        {
            return;
        }

        if (await Find(id, context.RequestAborted) is not { } record)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var (json, tag) = Encode(record, context.Request);
        await context.WriteReadAsync(json, tag);
    }

    private async Task CreateAsync(HttpContext context, Database database, Callers callers)
    {
        if (!IdempotencyHeader.IsWellFormed(context.Request))
        {
            await ErrorResponses.WriteBadRequestAsync(context, IdempotencyHeader.Header, IdempotencyHeader.Malformed);
            return;
        }

        using var body = await context.ReadBodyAsync(TooLarge);
        if (body is null || await context.CastAsync(body, ReadDraft, RecordFields) is not { } draft)
        {
            return;
        }

        if (await RefuseDraft(draft, context) is { Count: > 0 } refused)
        {
            await ErrorResponses.WriteRefusalAsync(context, ErrorResponses.Describe(refused));
            return;
        }

        var use = await CountDraft(draft, context);
        if (use.Wait > TimeSpan.Zero)
        {
            await ErrorResponses.WriteTooManyAsync(
                context, use.Wait, "Too many new records in a minute. Try again later.");
            return;
        }

        draft = await PrepareDraft(draft, context.RequestAborted);
        var keys = await IdempotencyHeader.ReadKeysAsync(context, Collection, body, ReadUuid(draft), callers);
        var result = await database.WriteAsync(
            transaction => Idempotency.Once(transaction, keys, Json, () => Create(transaction, draft)),
            context.RequestAborted);
        if (result is WriteResult<TRecord>.Saved { IsRetry: true })
        {
            use.GiveBack?.Invoke();
        }

        await AnswerAsync(context, StatusCodes.Status201Created, result);
    }

    private async Task UpdateAsync(HttpContext context, Database database)
    {
        if (context.ReadId() is not { } id || await context.ReadConditionAsync() is not { } condition)
        {
            return;
        }

        using var body = await context.ReadBodyAsync(TooLarge);
        if (body is null || await context.CastAsync(body, ReadPatch, RecordFields) is not { } patch)
        {
            return;
        }

        patch = await PreparePatch(patch, context.RequestAborted);
        var result = await database.WriteAsync(
            transaction => IfMet(transaction, id, condition, () => Update(transaction, id, patch)),
            context.RequestAborted);
        await AnswerAsync(context, StatusCodes.Status200OK, result);
    }

    private async Task DeleteAsync(HttpContext context, Database database)
    {
        if (context.ReadId() is { } id && await context.ReadConditionAsync() is { } condition)
        {
            var result = await database.WriteAsync(
                transaction => IfMet(transaction, id, condition, () => Delete(transaction, id)),
                context.RequestAborted);
            await AnswerAsync(context, StatusCodes.Status204NoContent, result);
        }
    }

    /// <summary>The list's answer, encoded; <c>null</c> when the query made no sense and that is answered.</summary>
    private async Task<PooledBytes?> ReadListAsync(HttpContext context, Database database, LongReads longReads)
    {
        var errors = new List<FieldError>();
        ListQuery.RefuseUnknown(context.Request.Query, [.. ListQuery.Common, .. Filters], errors);
        var slice = ListView.Read(context.Request.Query, SortField.NamesOf(Collection), errors);
        if (errors.Count > 0 || List(context.Request.Query, errors) is not { } list)
        {
            await ErrorResponses.WriteBadRequestAsync(context, ErrorResponses.Describe(errors));
            return null;
        }

        // Taken now: the request may be over before the read.
        var baseUrl = BaseOf(context.Request);
        return IsLong
            ? await longReads.ReadAsync(context, transaction => Encode(transaction, list, slice, baseUrl))
            : await database.ReadAsync(
                transaction => Encode(transaction, list, slice, baseUrl), context.RequestAborted);
    }

    private PooledBytes Encode(
        ReadTransaction transaction, RecordList<TRecord> list, ListSlice slice, string baseUrl)
    {
        var part = list.Read(transaction, slice);
        var shown = Show is null
            ? part
            : part with { Records = part.Records.Select(record => Show(record, baseUrl)) };
        return JsonResponses.EncodeLong(
            writer => ListView.Write(writer, slice, shown, Json, transaction.CancellationToken));
    }

    private Written<WriteResult<TRecord>> IfMet(
        WriteTransaction transaction, long id, IfMatch condition, Func<Written<WriteResult<TRecord>>> write) =>
        condition.IsAlwaysMet
        || Current(transaction, id) is not { } record
        || condition.IsMetBy(EntityTags.Of(Encode(record).Span))
            ? write()
            : Written.PreconditionFailed<TRecord>();

    private Task AnswerAsync(HttpContext context, int savedStatus, WriteResult<TRecord> result)
    {
        if (result is not WriteResult<TRecord>.Saved saved)
        {
            return ErrorResponses.WriteAsync(context, result, DescribeRefusal);
        }

        if (savedStatus == StatusCodes.Status204NoContent)
        {
            context.Response.StatusCode = savedStatus;
            return Task.CompletedTask;
        }

        if (saved.IsRetry)
        {
            context.Response.Headers["Idempotency-Replayed"] = "true";
        }

        if (savedStatus == StatusCodes.Status201Created)
        {
            context.Response.Headers.Location = LocationOf(saved.Record, context.Request);
        }

        // Encoded for the log already, if everyone is shown the same.
        var (json, tag) = Show is null && saved.Json is { } logged
            ? (logged, EntityTags.Of(logged.Span))
            : Encode(saved.Record, context.Request);
        context.Response.Headers.ETag = tag.ToString();
        return context.WriteJsonAsync(savedStatus, json);
    }

    /// <summary>A record as it is answered to this request, and the tag that every answer with it has.</summary>
    private (ReadOnlyMemory<byte> Json, EntityTagHeaderValue Tag) Encode(TRecord record, HttpRequest request)
    {
        var stored = Encode(record);
        var sent = Show is null ? stored : Encode(Show(record, BaseOf(request)));
        return (sent, EntityTags.Of(stored.Span, sent.Span));
    }

    private static ReadOnlyMemory<byte> Encode(TRecord record) =>
        JsonResponses.Encode(writer => JsonSerializer.Serialize(writer, record, Json));

    // Without scheme and host (RFC 9110 §10.2.2): a client takes those that it has asked, whatever proxies there are.
    private string LocationOf(TRecord record, HttpRequest request) =>
        $"{request.PathBase.ToUriComponent()}/api/collections/{Collection}/records/{record.Id}";
}
