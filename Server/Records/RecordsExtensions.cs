using Kaffediem.Persistence;
using Kaffediem.Server.Bodies;

namespace Kaffediem.Server.Records;

/// <summary>Registers and maps collections.</summary>
internal static class RecordsExtensions
{
    public static void AddRecords(this IServiceCollection services)
    {
        services.AddSingleton<RecordServices>();
        services.AddSingleton<Collections>();
    }

    /// <summary>
    /// Registers a collection whose records need nothing special. Event streams send collections in this order.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="records">The store.</param>
    /// <param name="readDraft">Reads the fields of a new record from a body.</param>
    /// <param name="readPatch">Reads the fields of an update from a body.</param>
    public static void AddCollection<TRecord, TDraft, TPatch>(
        this IServiceCollection services,
        IRecords<TRecord, TDraft, TPatch> records,
        Func<FieldReader, TDraft> readDraft,
        Func<FieldReader, TPatch> readPatch)
        where TRecord : class, IRecord
        where TDraft : class
        where TPatch : class =>
        services.AddSingleton<IServedCollection>(provider => new RecordEndpoints<TRecord, TDraft, TPatch>(
            records, readDraft, readPatch, provider.GetRequiredService<RecordServices>()));

    /// <summary>Maps the REST endpoints of all collections.</summary>
    public static void MapCollections(this WebApplication app)
    {
        foreach (var collection in app.Services.GetRequiredService<Collections>().All)
        {
            collection.Map(app);
        }
    }
}
