namespace Kaffediem.IntegrationTests.Docs;

/// <summary>The sample in Protocol.Testing/README.md.</summary>
public sealed class TestingSampleTests
{
    /// <summary>RoomTests.cs is compiled and run here, so the tests in the README pass.</summary>
    [Fact]
    public void Sample_is_the_file_that_runs_here()
    {
        var readme = Repository.Read("Protocol.Testing/README.md");

        var sample = readme.Split("```csharp\n")[1].Split("```")[0];

        Assert.Equal(Repository.Read("IntegrationTests/Docs/RoomTests.cs"), sample);
    }
}
