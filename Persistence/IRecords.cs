using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence;

/// <summary>
/// The records of one collection. Each store implements it, so that whatever serves records (REST, channels, event
/// streams) is written once. Every write returns its changes, which <see cref="Database.WriteAsync"/> logs.
/// </summary>
/// <typeparam name="TRecord">A record.</typeparam>
/// <typeparam name="TDraft">The fields of a new record.</typeparam>
/// <typeparam name="TPatch">The fields that an update sets.</typeparam>
public interface IRecords<TRecord, in TDraft, in TPatch>
    where TRecord : class, IRecord
{
    /// <summary>The collection's name in the change log, in topics and in paths.</summary>
    string Name { get; }

    /// <summary>How a record looks as JSON, in the change log and on the wire.</summary>
    JsonTypeInfo<TRecord> Json { get; }

    /// <summary>All records, in the collection's own order unless a sort is given.</summary>
    RecordList<TRecord> List { get; }

    /// <summary>A record, or <see langword="null"/>.</summary>
    TRecord? Find(ReadTransaction transaction, long id);

    /// <inheritdoc cref="Find(ReadTransaction, long)"/>
    TRecord? Find(WriteTransaction transaction, long id);

    /// <summary>Creates a record.</summary>
    Written<WriteResult<TRecord>> Create(WriteTransaction transaction, TDraft draft);

    /// <summary>Changes a record.</summary>
    Written<WriteResult<TRecord>> Update(WriteTransaction transaction, long id, TPatch patch);

    /// <summary>Deletes a record.</summary>
    Written<WriteResult<TRecord>> Delete(WriteTransaction transaction, long id);
}
