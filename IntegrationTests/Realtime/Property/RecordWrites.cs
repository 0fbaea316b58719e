using System.Net;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>
/// Writes to one collection, and its records that are planned to exist. Their ids arrive with the answers; the plan
/// does not depend on when.
/// </summary>
internal sealed class RecordWrites(RestartingShop shop, string collection, SeededRandom random, Tally tally)
{
    private readonly List<Task<long?>> _ids = [];
    private int _old;

    public int Count => _ids.Count;

    public IReadOnlyList<Task<long?>> All => _ids;

    public void Add(Task<long?> id) => _ids.Add(id);

    /// <summary>A random record; <c>null</c> if there is none.</summary>
    public Task<long?>? Pick() => _ids.Count == 0 ? null : random.Pick<Task<long?>>([.. _ids]);

    /// <summary>Creates a record.</summary>
    /// <param name="body">
    /// Its JSON, once the needed ids are known; <c>null</c> if one of them was never created.
    /// </param>
    public async Task CreateAsync(Func<Task<string?>> body)
    {
        tally.Count($"{collection}: POST");
        _ids.Add(await shop.WriteAsync(
            async () => await body() is { } json ? ("POST", $"{collection}/records", json) : null,
            HttpStatusCode.Created, HttpStatusCode.UnprocessableEntity));
    }

    /// <summary>Changes a record that may have been deleted by then.</summary>
    public async Task PatchAsync(Task<long?>? record, Func<Task<string?>> body)
    {
        tally.Count($"{collection}: PATCH");
        if (record is not null)
        {
            await shop.WriteAsync(
                async () => await record is { } id && await body() is { } json
                    ? ("PATCH", $"{collection}/records/{id}", json)
                    : null,
                HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.UnprocessableEntity);
        }
    }

    public Task PatchAsync(Task<long?>? record, string body) =>
        PatchAsync(record, () => Task.FromResult<string?>(body));

    /// <summary>Deletes a record that existed at the last quiet moment.</summary>
    public async Task DeleteAsync()
    {
        tally.Count($"{collection}: DELETE");
        if (_old > 0)
        {
            var index = random.Below(_old--);
            var record = _ids[index];
            _ids.RemoveAt(index);
            await shop.WriteAsync(
                async () => await record is { } id ? ("DELETE", $"{collection}/records/{id}", null) : null,
                HttpStatusCode.NoContent, HttpStatusCode.NotFound, HttpStatusCode.UnprocessableEntity);
        }
    }
    /// <summary>Marks a quiet moment.</summary>
    public void Settle() => _old = _ids.Count;
}
