namespace Kaffediem.Persistence.Catalog;

/// <summary>The change that every write to the catalogue makes: screens know the menu only as a whole.</summary>
internal static class MenuChange
{
    /// <summary>Ends a catalogue write that has changed something: the menu is read as the write leaves it.</summary>
    public static Written<WriteResult<T>> Saved<T>(WriteTransaction transaction, T record) =>
        Written.Saved(record, Of(transaction));

    public static NewChange Of(WriteTransaction transaction) =>
        NewChange.Update("menu", id: null, MenuQuery.Read(transaction.Connection), RecordJson.Wire.Menu);
}
