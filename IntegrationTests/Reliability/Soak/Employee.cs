using System.Text.Json;
using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>
/// A member of staff whose name, password and tokens must not appear in the log: signs in, appears as present, gives an
/// item an image and removes it, and signs out, which closes the connection.
/// </summary>
internal sealed class Employee(int number, SeededRandom random, SoakShop shop)
{
    private const int ImageBytes = 3000;
    private const string Staff = "presence:staff";

    private string Email => $"hemmelig{number}@shop.example";

    private string Password => $"Hemmelig passord {number}";

    private string Name => $"Hemmelig Hansen {number}";

    /// <summary>Adds the account, before the server starts.</summary>
    public async Task HireAsync(string database)
    {
        foreach (var secret in new[] { Email, Password, Name })
        {
            shop.Log.Conceal(secret);
        }

        await ServerProgram.AddUserAsync(database, Email, Password, Name, isAdmin: true);
    }

    /// <summary>Works one shift.</summary>
    public async Task WorkAsync()
    {
        using var client = new RestClient(shop.Address);
        var signedIn = await client.SignInAsync(Email, Password);
        signedIn.Is(200);
        var cookie = signedIn.Cookie;
        shop.Log.Conceal(cookie.Split('=')[1]);
        shop.Tally.Count("signed in");
        using (var line = await FrameClient.ConnectAsync(shop.Address, headers: ("Cookie", cookie)))
        {
            await line.SendTextAsync($$"""["1","1","{{Staff}}","phx_join",{"screen":"soak"}]""");
            await UntilAsync(line, "presence_state");
            await ChangeImageAsync(client);
            (await client.DeleteAsync("/api/session")).Is(204);
            Assert.Equal(1001, await line.ReadCloseCodeAsync());
        }

        // Rare enough that nobody is locked out, which would log a warning.
        if (random.OneIn(10))
        {
            var stranger = $"hemmelig{number}.{random.Below(1000)}@elsewhere.example";
            (await client.SignInAsync(stranger, Password)).Is(401);
        }
    }

    private async Task ChangeImageAsync(RestClient client)
    {
        var item = $"{ImageFiles.Items}/{1 + number}";
        var image = await ImageFiles.UploadAsync(client, [.. ImageFiles.Png, .. random.Bytes(ImageBytes)], item);
        Assert.Equal(200, (await client.GetAsync(new Uri(image).AbsolutePath)).Status);
        (await client.PatchAsync(item, """{"image":""}""")).Is(200);
        shop.Tally.Count("images");
    }

    private static async Task UntilAsync(FrameClient line, string @event)
    {
        while (JsonElement.Parse(await line.ReadTextAsync())[3].GetString() != @event)
        {
        }
    }
}
