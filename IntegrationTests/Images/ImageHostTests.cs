using System.Text.RegularExpressions;
using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Images.ImageFiles;

namespace Kaffediem.IntegrationTests.Images;

/// <summary>The number of hosts under which the server sends images to connections: <c>Images:MaxHosts</c>.</summary>
public sealed class ImageHostTests
{
    private const string TooMany = "gets image addresses without a host";

    // An address may have an eighth of the eight hosts: one.
    [Fact]
    public async Task Server_does_not_encode_the_menu_for_every_host_that_one_address_invents()
    {
        await using var server = Start(maxHosts: 8);
        using var rest = server.CreateClient();
        await UploadAsync(rest, Png);

        using var shop = await JoinAsync(server, "shop.lan");
        for (var i = 0; i < 5; i++)
        {
            using var invented = await JoinAsync(server, $"host{i}.example");
            Assert.Equal("", invented.Host);
        }

        using var sameHost = await JoinAsync(server, "SHOP.lan");
        Assert.Equal(("http://shop.lan", "http://shop.lan"), (shop.Host, sameHost.Host));
        Assert.Equal(1, server.Logs.Count(TooMany));
    }

    [Fact]
    public async Task Changes_have_the_host_of_the_join()
    {
        await using var server = Start(maxHosts: 8);
        using var rest = server.CreateClient();
        using var shop = await JoinAsync(server, "shop.lan");
        using var invented = await JoinAsync(server, "invented.example");

        await UploadAsync(rest, Png);

        Assert.Equal("http://shop.lan", HostIn(await shop.Client.ReadTextAsync()));
        Assert.Equal("", HostIn(await invented.Client.ReadTextAsync()));
    }

    [Fact]
    public async Task Host_is_freed_when_its_last_connection_ends()
    {
        await using var server = Start(maxHosts: 8);
        using var rest = server.CreateClient();
        await UploadAsync(rest, Png);
        using (await JoinAsync(server, "old.lan"))
        {
            using var refused = await JoinAsync(server, "new.lan");
            Assert.Equal("", refused.Host);
        }

        // The server notices the end of the connection at its own time.
        await Polling.UntilAsync(async () =>
        {
            using var later = await JoinAsync(server, "new.lan");
            return later.Host == "http://new.lan";
        });
    }

    [Fact]
    public async Task Known_hosts_and_administrators_always_get_addresses_with_their_host()
    {
        await using var server = Start(
            maxHosts: 1, ("Cors:Origins", "https://kaffe.example"), ("AllowedHosts", "*;api.example"));
        using var rest = server.CreateClient();
        await UploadAsync(rest, Png);
        var cookie = (await rest.SignInAsync()).Header("Set-Cookie")!.Split(';')[0];
        var port = server.BaseAddress.Port;
        using var taken = await JoinAsync(server, "first.example");

        string[] known = [$"localhost:{port}", $"127.0.0.1:{port}", $"[::1]:{port}", "kaffe.example", "api.example"];
        foreach (var host in known)
        {
            using var client = await JoinAsync(server, host);
            Assert.Equal($"http://{host}", client.Host);
        }

        using var administrator = await JoinAsync(server, "office.example", ("Cookie", cookie));
        using var otherPort = await JoinAsync(server, "localhost:1");
        Assert.Equal(("http://office.example", ""), (administrator.Host, otherPort.Host));
    }

    [Fact]
    public async Task Event_streams_share_the_hosts_with_sockets()
    {
        await using var server = Start(maxHosts: 8);
        using var rest = server.CreateClient();
        await UploadAsync(rest, Png);
        using var shop = await JoinAsync(server, "shop.lan");

        Assert.Equal("http://shop.lan", await HostOfStreamAsync("shop.lan"));
        Assert.Equal("", await HostOfStreamAsync("invented.example"));

        async Task<string?> HostOfStreamAsync(string host)
        {
            using var http = new HttpClient { BaseAddress = server.BaseAddress };
            http.DefaultRequestHeaders.Host = host;
            using var stream = await SseClient.OpenAsync(http, "collections=menu");
            while (await stream.ReadAsync() is { } next)
            {
                if (next.Name == "snapshot")
                {
                    return HostIn(next.Text);
                }
            }

            throw new InvalidOperationException("The stream ended without a snapshot.");
        }
    }

    private static KaffediemServer Start(int maxHosts, params (string Name, string Value)[] settings)
    {
        var setup = new ServerSetup { Settings = { ["Images:MaxHosts"] = $"{maxHosts}" } };
        foreach (var (name, value) in settings)
        {
            setup.Settings[name] = value;
        }

        var server = KaffediemServer.Start(setup);
        server.Logs.Expect(TooMany);
        return server;
    }

    private static async Task<JoinedClient> JoinAsync(
        KaffediemServer server, string host, params (string Name, string? Value)[] headers)
    {
        var frames = await FrameClient.ConnectAsync(server.BaseAddress, headers: [("Host", host), .. headers]);
        Assert.Equal(101, frames.Status);
        var client = new WireClient(frames, version: 2);
        var answer = await client.JoinAsync("collection:menu");
        return new JoinedClient(client, HostIn(answer.Response!.ToJsonString(Json.Relaxed)));
    }

    // Empty for a relative address; null without an image.
    private static string? HostIn(string text) =>
        Regex.Match(text, "\"image\":\"(?<host>[^\"]*)/uploads/") is { Success: true } image
            ? image.Groups["host"].Value
            : null;

    private sealed record JoinedClient(WireClient Client, string? Host) : IDisposable
    {
        public void Dispose() => Client.Dispose();
    }
}
