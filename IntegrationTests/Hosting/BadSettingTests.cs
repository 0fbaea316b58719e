using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>Settings with an unusable value: the line names the setting and its possible values.</summary>
public sealed class BadSettingTests : IDisposable
{
    private readonly FailedStart _start = new();

    [Theory]
    [InlineData("--Auth:Writes=Public", "Auth:Writes must be Protected or Open, not 'Public'")]
    [InlineData("--Auth:Writes=7", "Auth:Writes must be Protected or Open, not '7'")]
    [InlineData("--Auth:AttemptsPerAccount=0", "Auth:AttemptsPerAccount must be a whole number of at least 1, not '0'")]
    [InlineData("--Auth:AttemptMinutes=soon", "a whole number from 1 to 1440, not 'soon' (how long failed")]
    [InlineData("--Proxies=10.0.0.1,nginx", "'nginx' is neither an address")]
    [InlineData("--ProxyHops=0", "ProxyHops must be a whole number from 1 to 16, not '0'")]
    [InlineData("--ProxyHops=two", "ProxyHops must be a whole number from 1 to 16, not 'two'")]
    [InlineData("--Cors:Origins:0=https://a.example/", "'https://a.example/' is not an origin")]
    [InlineData(
        "--Cors:Origins=https://a.example,file://",
        "Cors:Origins: 'file://' is not an origin such as https://shop.example: it has no host.")]
    [InlineData("--Cors:Origins=https://me:secret@shop.example", "it must not contain a user")]
    [InlineData("--Cors:Origins=https://a.example?x", "nothing may follow the host and port")]
    [InlineData("--Cors:Origins=https://*.a.example", "it must name one host, without a wildcard")]
    [InlineData("--Cors:Origins=*", "it must begin with a scheme such as https://")]
    [InlineData("--Cors:Origins=wss://a.example", "pages have the scheme http or https")]
    [InlineData("--PublicUrl=https://shop,example", "PublicUrl: 'https://shop,example' is not an address")]
    [InlineData("--Database:FullSync=nei", "Database:FullSync must be true or false, not 'nei'")]
    [InlineData("--Database:KeepChanges=0", "Database:KeepChanges must be a whole number of at least 1, not '0'")]
    [InlineData("--Database:KeepChangesFor=00:00:01", "from 00:01:00 to 36500.00:00:00, not '00:00:01'")]
    [InlineData("--Database:Path=/proc/none/kaffediem.db", "/proc/none")]
    [InlineData("--Images:MaxBytes=5MB", "from 1 to 104857600, not '5MB' (the largest image")]
    [InlineData("--PublicUrl=api.shop.example", "PublicUrl: 'api.shop.example' is not an address")]
    [InlineData("--Menu:CoalesceMs=99999999999", "Menu:CoalesceMs must be a whole number from 0 to 60000")]
    [InlineData("--Orders:TimeZone=Kaffe/Bar", "Orders:TimeZone: \"Kaffe/Bar\" is not a time zone")]
    [InlineData("--Logging:LogLevel:Default=Loud", "Logging:LogLevel:Default must be Trace, Debug, ")]
    [InlineData("--Logging:Console:FormatterName=xml", "Logging:Console:FormatterName must be simple, json or systemd")]
    [InlineData("--contentRoot=/nowhere", "/nowhere")]
    public async Task Line_names_the_setting_and_the_reason(string argument, string reason) =>
        Assert.Contains(reason, await _start.RunAsync(argument), StringComparison.Ordinal);

    [Theory]
    [InlineData("{\n  \"Auth\": {\n    \"Writes\": \"Open\",,\n  }\n}\n", "Line 3, position 22: ','")]
    [InlineData("{ \"Auth\": { \"Writes\": \"Open\" }, \"auth\": { \"writes\": \"Open\" } }", "A duplicate key")]
    [InlineData("Auth:Writes=Open", "Line 1, position 1")]
    public async Task Line_names_a_malformed_settings_file_and_the_position(string json, string reason)
    {
        var file = _start.PathOf("appsettings.json");
        await File.WriteAllTextAsync(file, json, TestContext.Current.CancellationToken);

        var line = await _start.RunAsync();

        Assert.Contains($"'{file}'", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_names_tzdata_on_a_machine_without_time_zones()
    {
        var line = await _start.RunInShellAsync(
            $"export TZDIR=/nowhere; {ServerProcess.AsItIs}", "--Orders:TimeZone=Europe/Oslo");

        Assert.Contains("\"Europe/Oslo\" cannot be found", line, StringComparison.Ordinal);
        Assert.Contains("tzdata", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleted_working_folder_is_reported()
    {
        var line = await _start.RunInShellAsync($"mkdir gone && cd gone && rmdir ../gone; {ServerProcess.AsItIs}");

        Assert.Equal("The folder that the server is started in no longer exists.", line);
    }

    [Fact]
    public async Task Unexpected_error_is_one_line_and_a_setting_adds_the_trace()
    {
        var line = await _start.RunAsync("--Kestrel:Endpoints:Web:Protocols=Http1");

        Assert.Contains("The endpoint Web is missing the required 'Url' parameter.", line, StringComparison.Ordinal);
        Assert.Contains("KAFFEDIEM_TRACE=1", line, StringComparison.Ordinal);

        var traced = await ServerProgram.RunInShellAsync(
            Path.GetTempPath(), $"export KAFFEDIEM_TRACE=1; {ServerProcess.AsItIs}", "", "--PORT=abc");
        Assert.Equal(1, traced.ExitCode);
        Assert.StartsWith("Kaffediem cannot start: PORT: 'abc'", traced.Error, StringComparison.Ordinal);
        Assert.Contains("   at Kaffediem.Server.Hosting.Addresses", traced.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _start.Dispose();
}
