using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Server.Background;

namespace Kaffediem.Server.Images;

/// <summary>
/// Deletes the images that no item refers to: replaced ones, those of deleted items, and those whose item was refused.
/// </summary>
internal sealed partial class ImageSweeper(ImageStore store, Database database, ILogger<ImageSweeper> logger)
    : IPeriodicWork
{
    // An image is saved, or renewed, before its item. A write in progress may still refer to one that is younger.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    public TimeSpan Interval => TimeSpan.FromHours(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var images = await database.ReadAsync(ItemStore.ListImages, cancellationToken);
        var used = images.Select(ImageUrls.NameIn).ToHashSet(StringComparer.Ordinal);
        var deleted = store.List().Count(name => !used.Contains(name) && store.DeleteIfOlder(name, Grace));
        if (deleted > 0)
        {
            Log.Deleted(logger, deleted);
        }
    }

    public void LogFailure(Exception exception) => Log.Failed(logger, exception);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Deleted {Count} images that no item shows.")]
        public static partial void Deleted(ILogger logger, int count);

        [LoggerMessage(LogLevel.Error, "Unused images could not be deleted; trying again in an hour.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
