using Kaffediem.Persistence.Writing;

namespace Kaffediem.Server.Records;

/// <summary>Keeps the image files that new records and updates are sent with.</summary>
/// <param name="TooLarge">The error of a form whose file is too large.</param>
/// <param name="SaveOfDraft">Saves the file of a new record: only its address is left.</param>
/// <param name="SaveOfPatch">Saves the file of an update.</param>
internal sealed record RecordImages<TDraft, TPatch>(
    FieldError TooLarge,
    Func<TDraft, CancellationToken, Task<TDraft>> SaveOfDraft,
    Func<TPatch, CancellationToken, Task<TPatch>> SaveOfPatch);
