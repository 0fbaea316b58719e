using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>
/// The records of a collection that are planned to exist. Their ids arrive with the answers; the plan does not depend
/// on when.
/// </summary>
internal sealed class RecordPool(SeededRandom random)
{
    private readonly List<Task<long?>> _ids = [];
    private int _old;

    public int Count => _ids.Count;

    public IReadOnlyList<Task<long?>> All => _ids;

    public void Add(Task<long?> id) => _ids.Add(id);

    /// <summary>A random record; <c>null</c> if there is none.</summary>
    public Task<long?>? Pick() => _ids.Count == 0 ? null : random.Pick<Task<long?>>([.. _ids]);

    /// <summary>Removes a random record that existed at the last quiet moment; <c>null</c> if there is none.</summary>
    public Task<long?>? TakeOld()
    {
        if (_old == 0)
        {
            return null;
        }

        var index = random.Below(_old--);
        var id = _ids[index];
        _ids.RemoveAt(index);
        return id;
    }

    /// <summary>Marks a quiet moment.</summary>
    public void Settle() => _old = _ids.Count;
}
