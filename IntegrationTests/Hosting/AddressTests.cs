using Kaffediem.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>
/// The addresses on which the server listens. Kestrel would read a port that is not a number as part of a host name and
/// listen on port 80 of all interfaces.
/// </summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("--PORT=")]
    [InlineData("--PORT= ")]
    [InlineData("--urls=")]
    [InlineData("--http_ports=")]
    public void Empty_address_means_the_default(string argument) =>
        Assert.Equal("http://localhost:4000", Build(argument).WebHost.GetSetting("urls"));

    [Theory]
    [InlineData("abc")]
    [InlineData("0x50")]
    [InlineData("4000/tcp")]
    [InlineData("-1")]
    [InlineData("+4000")]
    [InlineData("99999")]
    [InlineData("4000.0")]
    [InlineData("http://localhost:4000")]
    public void Port_that_is_not_a_number_is_refused(string port)
    {
        foreach (var name in new[] { "PORT", "http_ports", "https_ports" })
        {
            var refusal = Assert.Throws<StartException>(() => Build($"--{name}={port}")).Message;

            Assert.StartsWith($"{name}: '{port}' is not a port", refusal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nonsense", "is not an address such as http://localhost:4000")]
    [InlineData("ftp://127.0.0.1:4000", "neither http:// nor https://")]
    [InlineData("http://127.0.0.1:99999", "a port that is not from 0 to 65535")]
    [InlineData("http://127.0.0.1:-1", "a port that is not from 0 to 65535")]
    [InlineData("http://localhost:abc", "a port that is not a number")]
    [InlineData("http://[::1]:abc", "a port that is not a number")]
    [InlineData("http://*:4000?x=y", "a port that is not a number")]
    [InlineData("http://127.0.0.1:4000/kaffe", "has a path, /kaffe")]
    [InlineData("http://localhost:0", "asks for a free port, which localhost cannot give")]
    [InlineData("http://pipe:/kaffe", "is a named pipe")]
    [InlineData(
        "http://unix:/tmp/01234567890123456789012345678901234567890123456789"
        + "0123456789012345678901234567890123456789012345678901234567890123456789",
        "too long for a Unix socket")]
    public void Unusable_address_is_refused_with_the_reason(string url, string reason)
    {
        foreach (var name in new[] { "urls", "Kestrel:Endpoints:Web:Url" })
        {
            var refusal = Assert.Throws<StartException>(() => Build($"--{name}={url}")).Message;

            Assert.StartsWith($"{name}: '{url}' ", refusal, StringComparison.Ordinal);
            Assert.Contains(reason, refusal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:4000;https://[::1]:0")]
    [InlineData("HTTP://LOCALHOST:4000/")]
    [InlineData("http://*")]
    [InlineData("http://+:4000")]
    [InlineData("http://unix:/run/kaffediem.sock")]
    public void Address_of_this_machine_is_accepted_without_a_warning(string urls) =>
        Assert.Empty(Addresses.FindNamedHosts(Build($"--urls={urls}").Configuration));

    [Theory]
    [InlineData("http://shop.example:4000")]
    [InlineData("http://127.0.0.l:4000")]
    public void Host_that_means_all_interfaces_is_accepted_with_a_warning(string url) =>
        Assert.Equal([("urls", url)], Addresses.FindNamedHosts(Build($"--urls=http://[::1]:0;{url}").Configuration));

    private static WebApplicationBuilder Build(string argument)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddCommandLine([argument]);
        builder.AddDefaults();
        return builder;
    }
}
