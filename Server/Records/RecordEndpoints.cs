using System.Text.Json;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Identity;

namespace Kaffediem.Server.Records;

/// <summary>
/// A collection under <c>/api/collections/{name}/records</c>: list, find, create, update and delete, the same for all
/// collections. A feature that does more at a new record maps an endpoint of its own, made of the same steps.
/// </summary>
/// <param name="records">The store.</param>
/// <param name="readDraft">Reads the fields of a new record from a body.</param>
/// <param name="readPatch">Reads the fields of an update from a body.</param>
/// <param name="services">What all collections use.</param>
internal sealed class RecordEndpoints<TRecord, TDraft, TPatch>(
    IRecords<TRecord, TDraft, TPatch> records,
    Func<FieldReader, TDraft> readDraft,
    Func<FieldReader, TPatch> readPatch,
    RecordServices services) : IServedCollection
    where TRecord : class, IRecord
    where TDraft : class
    where TPatch : class
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] UpdateMethods = [HttpMethods.Patch, HttpMethods.Put];

    public string Name => records.Name;

    public bool HasImages => Images is not null;

    /// <summary>Keeps the images that records are sent with; <c>null</c> where they have none.</summary>
    public RecordImages<TDraft, TPatch>? Images { get; init; }

    /// <summary>Writes answers.</summary>
    public RecordAnswers<TRecord, TDraft, TPatch> Answers =>
        field ??= new(records, HasImages ? services.ImageUrls : null);

    /// <summary>Writes lists.</summary>
    public RecordLists<TRecord, TDraft, TPatch> Lists => field ??= new(records, services, Answers);

    // Made at the first request: to describe all records takes System.Text.Json longer than most of a start.
    private IReadOnlyList<string> RecordFields =>
        field ??= [.. records.Json.Properties.Select(property => property.Name)];

    public void Write(Utf8JsonWriter writer, ReadTransaction transaction, OrderFilter filter, string baseUrl) =>
        Lists.WriteRecords(writer, records.List.ReadAll(transaction), baseUrl, transaction.CancellationToken);

    public void Map(IEndpointRouteBuilder app) =>
        Map(app, ListAsync, filters: [], CreateAsync, WriteRight.Administer);

    /// <summary>Maps the endpoints, of which the feature has some itself.</summary>
    /// <param name="app">Where.</param>
    /// <param name="list">Lists the records.</param>
    /// <param name="filters">The query parameters of the list that are this collection's own.</param>
    /// <param name="create">Creates a record.</param>
    /// <param name="createRight">The right to create; every other write is an administrator's.</param>
    // Delegates of the context alone: for others the framework compiles code at every start.
    public void Map(
        IEndpointRouteBuilder app,
        RequestDelegate list,
        IReadOnlyList<string> filters,
        RequestDelegate create,
        WriteRight createRight)
    {
        var group = app.MapGroup($"/api/collections/{Name}/records").WithMetadata(
            new CollectionMetadata(Name, () => records.Json, typeof(TDraft), typeof(TPatch))
            {
                Filters = filters,
                HasImages = HasImages,
            });
        group.MapMethods("", ReadMethods, list);
        group.MapMethods("{id}", ReadMethods, FindAsync);
        var created = group.MapPost("", create).WithMetadata(createRight);
        if (createRight != WriteRight.Administer)
        {
            created.WithMetadata(BodyLimit.OfAnyone);
        }

        group.MapMethods("{id}", UpdateMethods, UpdateAsync).WithMetadata(WriteRight.Administer);
        group.MapDelete("{id}", DeleteAsync).WithMetadata(WriteRight.Administer);
    }

    /// <summary>
    /// Reads a new record; <c>null</c> if it, or its <c>Idempotency-Key</c>, is refused, which is answered then.
    /// </summary>
    public async Task<SentFields<TDraft>?> ReadDraftAsync(HttpContext context) =>
        await context.CheckIdempotencyKeyAsync() ? await ReadFieldsAsync(context, readDraft) : null;

    /// <summary>Creates the record, or finds the one that the same request created before.</summary>
    /// <param name="context">The request.</param>
    /// <param name="sent">Its body.</param>
    /// <param name="draft">The fields, as read from it.</param>
    /// <param name="uuid">The uuid that the client gives the record, so that it is created only once.</param>
    public async Task<WriteResult<TRecord>> CreateOnceAsync(
        HttpContext context, SentFields<TDraft> sent, TDraft draft, string? uuid)
    {
        var keys = await IdempotencyHeader.ReadKeysAsync(context, Name, sent.Body, uuid, services.Callers);
        return await services.Database.WriteAsync(
            transaction => Idempotency.Once(transaction, keys, records.Json, () => records.Create(transaction, draft)),
            context.RequestAborted);
    }

    private Task ListAsync(HttpContext context) =>
        Lists.WriteAsync(context, records.List, filters: [], isLong: false);

    private async Task FindAsync(HttpContext context)
    {
        if (context.ReadId() is not { } id)
        {
            return;
        }

        var record = await services.Database.ReadAsync(
            transaction => records.Find(transaction, id), context.RequestAborted);
        if (record is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await Answers.WriteFoundAsync(context, record);
    }

    private async Task CreateAsync(HttpContext context)
    {
        using var sent = await ReadDraftAsync(context);
        if (sent is null)
        {
            return;
        }

        // Before the transaction, which must not wait for an image.
        var draft = Images is null ? sent.Fields : await Images.SaveOfDraft(sent.Fields, context.RequestAborted);
        await Answers.WriteCreatedAsync(context, await CreateOnceAsync(context, sent, draft, uuid: null));
    }

    private async Task UpdateAsync(HttpContext context)
    {
        if (context.ReadId() is not { } id || await context.ReadConditionAsync() is not { } condition)
        {
            return;
        }

        using var sent = await ReadFieldsAsync(context, readPatch);
        if (sent is null)
        {
            return;
        }

        var patch = Images is null ? sent.Fields : await Images.SaveOfPatch(sent.Fields, context.RequestAborted);
        var result = await services.Database.WriteAsync(
            transaction => IfMet(transaction, id, condition, () => records.Update(transaction, id, patch)),
            context.RequestAborted);
        await Answers.WriteUpdatedAsync(context, result);
    }

    private async Task DeleteAsync(HttpContext context)
    {
        if (context.ReadId() is { } id && await context.ReadConditionAsync() is { } condition)
        {
            var result = await services.Database.WriteAsync(
                transaction => IfMet(transaction, id, condition, () => records.Delete(transaction, id)),
                context.RequestAborted);
            await RecordAnswers<TRecord, TDraft, TPatch>.WriteDeletedAsync(context, result);
        }
    }

    // The client's condition is checked in the transaction of its write.
    private Written<WriteResult<TRecord>> IfMet(
        WriteTransaction transaction, long id, IfMatch condition, Func<Written<WriteResult<TRecord>>> write) =>
        condition.IsAlwaysMet
        || records.Find(transaction, id) is not { } record
        || condition.IsMetBy(Answers.TagOf(record))
            ? write()
            : Written.PreconditionFailed<TRecord>();

    private Task<SentFields<T>?> ReadFieldsAsync<T>(HttpContext context, Func<FieldReader, T> read)
        where T : class =>
        context.ReadFieldsAsync(read, RecordFields, Images?.TooLarge);
}
