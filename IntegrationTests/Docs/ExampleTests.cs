using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>The server answers the examples of the docs as the docs show.</summary>
public class ExampleTests
{
    [Theory]
    [InlineData("docs/rest.md")]
    [InlineData("docs/channels.md")]
    public async Task Each_example_gets_the_documented_answer(string file)
    {
        var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Cors:Origins"] = "http://localhost:5173" },
        });
        await using var run = new DocRun(server);
        var examples = DocExample.ReadAll(file);
        Assert.NotEmpty(examples);
        foreach (var example in examples)
        {
            await run.RunAsync(example);
        }
    }
}
