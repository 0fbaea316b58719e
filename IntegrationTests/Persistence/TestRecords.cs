using Kaffediem.Persistence;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>A collection's records in a test's database, each read or written by itself.</summary>
internal sealed class TestRecords<TRecord, TDraft, TPatch>(
    Database database, IRecords<TRecord, TDraft, TPatch> records)
    where TRecord : class, IRecord
{
    public Task<IReadOnlyList<TRecord>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<TRecord>>(
            transaction => [.. records.List.ReadAll(transaction)], cancellationToken);

    public Task<TRecord?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(transaction => records.Find(transaction, id), cancellationToken);

    public Task<WriteResult<TRecord>> CreateAsync(TDraft draft, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => records.Create(transaction, draft), cancellationToken);

    public Task<WriteResult<TRecord>> UpdateAsync(long id, TPatch patch, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => records.Update(transaction, id, patch), cancellationToken);

    public Task<WriteResult<TRecord>> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => records.Delete(transaction, id), cancellationToken);
}
