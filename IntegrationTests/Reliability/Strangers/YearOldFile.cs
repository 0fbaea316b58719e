using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>
/// The file of a shop that has been open for a year, with two accounts: made once, copied for each server.
/// </summary>
public sealed class YearOldFile : IAsyncLifetime
{
    public const string Administrator = "anna@shop.test";
    public const string Customer = "guest@shop.test";

    /// <summary>The password of both.</summary>
    public const string Password = "right-battery-staple";

    /// <summary>The body with which one of them signs in.</summary>
    public static string SignInOf(string email) => $$"""{"email":"{{email}}","password":"{{Password}}"}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");

    private string Database => Path.Combine(_folder.FullName, "year.db");

    public async ValueTask InitializeAsync()
    {
        await YearOldShop.MakeAsync(Database);
        await AddAsync(Administrator, "--admin");
        await AddAsync(Customer);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A shop with a copy of it.</summary>
    internal ShopFolder CreateShop() => ShopFolder.WithCopyOf(Database);

    private async Task AddAsync(string email, params string[] words)
    {
        string[] all = ["user", "add", email, "--name", "Name", .. words, $"--Database:Path={Database}"];
        var added = await ServerProgram.RunAsync(_folder.FullName, $"{Password}\n", all);
        Assert.True(added.ExitCode == 0, added.Error);
    }
}
