namespace Kaffediem.IntegrationTests.Docs;

/// <summary>The sample in Protocol.Testing/README.md.</summary>
public sealed class TestingSampleTests
{
    /// <summary>RoomTests.cs is compiled and run here, so the README holds tests that pass.</summary>
    [Fact]
    public void The_sample_is_the_file_that_is_run()
    {
        var readme = Repository.Read("Protocol.Testing/README.md");

        var sample = readme.Split("```csharp\n")[1].Split("```")[0];

        Assert.Equal(Repository.Read("IntegrationTests/Docs/RoomTests.cs"), sample);
    }
}
