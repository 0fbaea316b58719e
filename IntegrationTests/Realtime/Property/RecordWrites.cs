using System.Net;
using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>Writes to one collection.</summary>
internal sealed class RecordWrites(RestartingShop shop, string collection, RecordPool pool, Tally tally)
{
    public RecordPool Pool => pool;

    /// <summary>Creates a record.</summary>
    /// <param name="body">
    /// Its JSON, once the needed ids are known; <c>null</c> if one of them was never created.
    /// </param>
    public async Task CreateAsync(Func<Task<string?>> body)
    {
        tally.Count($"{collection}: POST");
        pool.Add(await shop.WriteAsync(
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
        if (pool.TakeOld() is { } record)
        {
            await shop.WriteAsync(
                async () => await record is { } id ? ("DELETE", $"{collection}/records/{id}", null) : null,
                HttpStatusCode.NoContent, HttpStatusCode.NotFound, HttpStatusCode.UnprocessableEntity);
        }
    }
}
