using System.Net;
using Kaffediem.IntegrationTests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Events;

/// <summary>Event streams last longer than any timeout for requests.</summary>
public sealed class EventTimeoutTests
{
    [Fact]
    public async Task Stream_outlives_the_default_request_timeout()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            ConfigureServices = services => services
                .AddRequestTimeouts(timeouts =>
                    timeouts.DefaultPolicy = new RequestTimeoutPolicy { Timeout = TimeSpan.FromSeconds(1) })
                .AddSingleton<IStartupFilter, Timeouts>(),
        });
        server.Logs.Expect("Timeout exception handled"); // the timeout of /slow
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        using var rest = server.CreateClient();
        using var stream = await SseClient.OpenAsync(http, "collections=status");
        Assert.Equal("snapshot", (await stream.ReadAsync())!.Name);

        // This request begins after the stream: when it times out, the stream has lasted longer than the timeout.
        using var slow = await http.GetAsync("/slow", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.GatewayTimeout, slow.StatusCode);
        (await rest.PatchAsync("/api/collections/status/records/1", """{"open":true,"show_message":true}""")).Is(200);

        Assert.Equal("change", (await stream.ReadAsync())!.Name);
    }

    private sealed class Timeouts : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            // Reads only: on a slow machine the write of the test must not time out.
            app.UseWhen(context => HttpMethods.IsGet(context.Request.Method), reads => reads.UseRequestTimeouts());
            app.Map("/slow", slow => slow.Run(context => Task.Delay(Timeout.Infinite, context.RequestAborted)));
            next(app);
        };
    }
}
