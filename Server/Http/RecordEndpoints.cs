using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence;
using Kaffediem.Server.Accounts;

namespace Kaffediem.Server.Http;

/// <summary>
/// The REST shape all collections share, under <c>/api/collections/{name}/records</c>. A feature fills in its store's
/// functions and how a body is read.
/// </summary>
internal sealed class RecordEndpoints<TRecord, TDraft, TPatch>
    where TRecord : class
    where TDraft : class
    where TPatch : class
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] UpdateMethods = [HttpMethods.Patch, HttpMethods.Put];

    public required string Collection { get; init; }

    public required JsonTypeInfo<TRecord> Json { get; init; }

    /// <summary>Who may create; every other write is an administrator's.</summary>
    public WriteRight CreateRight { get; init; } = WriteRight.Administer;

    /// <summary>Reads the list; <c>null</c> when the query makes no sense.</summary>
    public required Func<IQueryCollection, CancellationToken, Task<IReadOnlyList<TRecord>?>> List { get; init; }

    public required Func<long, CancellationToken, Task<TRecord?>> Find { get; init; }

    public required Func<TDraft, CancellationToken, Task<WriteResult<TRecord>>> Create { get; init; }

    public required Func<long, TPatch, CancellationToken, Task<WriteResult<TRecord>>> Update { get; init; }

    public required Func<long, CancellationToken, Task<WriteResult<TRecord>>> Delete { get; init; }

    public required Func<FieldReader, TDraft> ReadDraft { get; init; }

    public required Func<FieldReader, TPatch> ReadPatch { get; init; }

    /// <summary>The answer's <c>errors</c> for what the store refused.</summary>
    public Func<IReadOnlyList<FieldError>, JsonObject> DescribeRefusal { get; init; } = ErrorResponses.Describe;

    /// <summary>The error of a body that is larger than the server takes; <c>null</c> for none but 413.</summary>
    public FieldError? TooLarge { get; init; }

    /// <summary>The record as who asks is to see it (default: as it is stored).</summary>
    public Func<TRecord, HttpRequest, TRecord> Show { get; init; } = (record, _) => record;

    public void Map(IEndpointRouteBuilder app)
    {
        var records = app.MapGroup($"/api/collections/{Collection}/records");
        records.MapMethods("", ReadMethods, ListAsync);
        records.MapMethods("{id}", ReadMethods, FindAsync);
        records.MapPost("", CreateAsync).WithMetadata(CreateRight);
        records.MapMethods("{id}", UpdateMethods, UpdateAsync).WithMetadata(WriteRight.Administer);
        records.MapDelete("{id}", DeleteAsync).WithMetadata(WriteRight.Administer);
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await List(context.Request.Query, context.RequestAborted) is not { } records)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        await context.WriteItemsAsync([.. records.Select(record => Show(record, context.Request))], Json);
    }

    private async Task FindAsync(HttpContext context)
    {
        if (ReadId(context) is not { } id)
        {
            return;
        }

        if (await Find(id, context.RequestAborted) is not { } record)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await context.WriteJsonAsync(StatusCodes.Status200OK, Show(record, context.Request), Json);
    }

    private async Task CreateAsync(HttpContext context)
    {
        if (await ReadBodyAsync(context, ReadDraft) is { } draft)
        {
            await AnswerAsync(context, StatusCodes.Status201Created, await Create(draft, context.RequestAborted));
        }
    }

    private async Task UpdateAsync(HttpContext context)
    {
        if (ReadId(context) is { } id && await ReadBodyAsync(context, ReadPatch) is { } patch)
        {
            await AnswerAsync(context, StatusCodes.Status200OK, await Update(id, patch, context.RequestAborted));
        }
    }

    private async Task DeleteAsync(HttpContext context)
    {
        if (ReadId(context) is { } id)
        {
            await AnswerAsync(context, StatusCodes.Status204NoContent, await Delete(id, context.RequestAborted));
        }
    }

    // The two readers answer a bad request themselves and then return null.

    private static long? ReadId(HttpContext context)
    {
        var id = DecimalText.ToId((string)context.GetRouteValue("id")!);
        if (id is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }

        return id;
    }

    private async Task<T?> ReadBodyAsync<T>(HttpContext context, Func<FieldReader, T> read) where T : class
    {
        try
        {
            return await ReadFieldsAsync(context, read);
        }
        catch (BadHttpRequestException refused)
            when (refused.StatusCode == StatusCodes.Status413PayloadTooLarge && TooLarge is not null)
        {
            await ErrorResponses.WriteRefusalAsync(context, ErrorResponses.Describe([TooLarge]));
            return null;
        }
    }

    private static async Task<T?> ReadFieldsAsync<T>(HttpContext context, Func<FieldReader, T> read) where T : class
    {
        using var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted);
        if (body is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return null;
        }

        var fields = new FieldReader(body.Root, context.Request);
        var cast = read(fields);
        fields.RefuseOtherFiles();
        if (fields.Errors is null)
        {
            return cast;
        }

        await ErrorResponses.WriteRefusalAsync(context, fields.Errors);
        return null;
    }

    private Task AnswerAsync(HttpContext context, int savedStatus, WriteResult<TRecord> result)
    {
        if (result is not WriteResult<TRecord>.Saved saved)
        {
            return ErrorResponses.WriteAsync(context, result, DescribeRefusal);
        }

        context.Response.StatusCode = savedStatus;
        return savedStatus == StatusCodes.Status204NoContent
            ? Task.CompletedTask
            : context.WriteJsonAsync(savedStatus, Show(saved.Record, context.Request), Json);
    }
}
