using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;

namespace Kaffediem.Server.Images;

/// <summary>
/// Deletes, at the start and every hour, the images that no item refers to: replaced ones, those of deleted items, and
/// those whose item was refused.
/// </summary>
internal sealed partial class ImageSweeper(
    ImageStore store, Database database, TimeProvider time, ILogger<ImageSweeper> logger) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    // An image is saved, or renewed, before its item: for so long it may be referred to by a write that is under way.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await TrySweepAsync(stoppingToken);
                await Task.Delay(Interval, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server is going down.
        }
    }

    private async Task TrySweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SweepAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Failed(logger, exception);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var images = await database.ReadAsync(ItemStore.ListImages, cancellationToken);
        var used = images.Select(ImageUrls.NameIn).ToHashSet(StringComparer.Ordinal);
        var deleted = store.List().Count(name => !used.Contains(name) && store.DeleteIfOlder(name, Grace));
        if (deleted > 0)
        {
            Log.Deleted(logger, deleted);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Deleted {Count} images that no item shows.")]
        public static partial void Deleted(ILogger logger, int count);

        [LoggerMessage(LogLevel.Error, "Unused images could not be deleted; trying again in an hour.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
