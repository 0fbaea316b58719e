namespace Kaffediem.Server.Images;

/// <summary>Uploaded images of items: sent with an item's form, kept beside the database, served to anyone.</summary>
internal static class ImageExtensions
{
    public static void AddImages(this IServiceCollection services, ImageOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<ImageUrls>();
        services.AddSingleton<ImageStore>();
        services.AddSingleton<ItemImages>();
        services.AddSingleton<ImageApi>();
        services.AddHostedService<ImageSweeper>();
    }

    public static void MapImages(this WebApplication app) => app.Services.GetRequiredService<ImageApi>().Map(app);
}
