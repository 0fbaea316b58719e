namespace Kaffediem.Persistence.Sqlite;

/// <summary>Resources on the way to their owner.</summary>
internal static class Handover
{
    /// <summary>Takes a resource into use, or disposes of it if that fails.</summary>
    /// <param name="resource">For example a connection.</param>
    /// <param name="use">Prepares the resource and returns what owns it from now on.</param>
    public static TOwner To<TResource, TOwner>(TResource resource, Func<TResource, TOwner> use)
        where TResource : IDisposable
    {
        try
        {
            return use(resource);
        }
        catch
        {
            resource.Dispose();
            throw;
        }
    }
}
