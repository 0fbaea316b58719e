using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Kaffediem.IntegrationTests.Support.Servers;

/// <summary>Changes every request before the server sees it, for example its address or scheme.</summary>
public sealed class Pretend(Action<HttpContext> change) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            change(context);
            return following(context);
        });
        next(app);
    };
}
