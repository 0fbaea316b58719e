using Kaffediem.Server.Background;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Images;

/// <summary>Uploaded images of items: sent with an item's form, kept beside the database, served to anyone.</summary>
internal static class ImageExtensions
{
    public static void AddImages(this IServiceCollection services, ImageOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<ImageUrls>();
        services.AddSingleton<ImageHosts>();
        services.AddSingleton<ImageStore>();
        services.AddSingleton<ItemImages>();
        services.AddSingleton<ImageApi>();
        services.AddSingleton<UploadFault>();
        services.AddPeriodicWork<ImageSweeper>();
    }

    /// <summary>Watches the requests that may contain an image.</summary>
    public static void UseUploadFault(this IApplicationBuilder app) =>
        app.UseWhen(context => UploadFault.IsForm(context.Request), forms =>
        {
            var fault = forms.ApplicationServices.GetRequiredService<UploadFault>();
            forms.Use((context, next) => fault.RunAsync(context, () => next(context)));
        });

    public static void MapImages(this WebApplication app) => app.Services.GetRequiredService<ImageApi>().Map(app);
}
