using Kaffediem.Persistence;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Persistence.Stores;

public sealed class PersistenceExtensionsTests
{
    [Fact]
    public void Stores_share_one_database_that_closes_with_the_container()
    {
        var folder = Directory.CreateTempSubdirectory("kaffediem-");
        Database database;
        using (var provider = new ServiceCollection()
            .AddLogging()
            .AddPersistence(
                new DatabaseOptions { Path = Path.Combine(folder.FullName, "test.db") }, new OrderOptions())
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true }))
        {
            database = provider.GetRequiredService<Database>();
            Assert.Same(provider.GetRequiredService<OrderStore>(), provider.GetRequiredService<OrderStore>());
            Assert.True(File.Exists(database.Path + "-wal"));
        }

        Assert.False(File.Exists(database.Path + "-wal"));
        folder.Delete(recursive: true);
    }
}
