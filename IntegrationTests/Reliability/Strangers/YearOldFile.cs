using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>The file of a year-old shop with two accounts: made once, copied for each server.</summary>
public sealed class YearOldFile : IAsyncLifetime
{
    public const string Administrator = "anna@shop.test";
    public const string Customer = "guest@shop.test";

    /// <summary>The password of both.</summary>
    public const string Password = "right-battery-staple";

    /// <summary>The body of a sign-in.</summary>
    public static string SignInOf(string email) => $$"""{"email":"{{email}}","password":"{{Password}}"}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");

    private string Database => Path.Combine(_folder.FullName, "year.db");

    public async ValueTask InitializeAsync()
    {
        await YearOldShop.MakeAsync(Database);
        await ServerProgram.AddUserAsync(Database, Administrator, Password, isAdmin: true);
        await ServerProgram.AddUserAsync(Database, Customer, Password);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A shop with a copy of the file.</summary>
    internal ShopFolder CreateShop() => ShopFolder.WithCopyOf(Database);
}
