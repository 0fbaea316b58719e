using System.Text.Json;
using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>
/// One of the staff, whose name, password and tokens nobody may read in the log: signs in, is seen to be there, gives
/// an item an image and takes it away again, and signs out, which ends the connection.
/// </summary>
internal sealed class Employee(int number, SeededRandom random, SoakShop shop)
{
    private const int ImageBytes = 3000;
    private const string Staff = "presence:staff";

    private string Email => $"hemmelig{number}@shop.example";

    private string Password => $"Hemmelig passord {number}";

    private string Name => $"Hemmelig Hansen {number}";

    /// <summary>Makes the account, before there is a server.</summary>
    public async Task HireAsync(string database)
    {
        foreach (var secret in new[] { Email, Password, Name })
        {
            shop.Log.Conceal(secret);
        }

        string[] words = ["user", "add", Email, "--name", Name, "--admin", $"--Database:Path={database}"];
        var added = await ServerProgram.RunAsync(Path.GetDirectoryName(database)!, Password + "\n", words);
        Assert.True(added.ExitCode == 0, added.Error);
    }

    /// <summary>Does all of it once.</summary>
    public async Task WorkAsync()
    {
        using var client = new RestClient(shop.Address);
        var signedIn = await client.SignInAsync(Email, Password);
        signedIn.Is(200);
        var cookie = signedIn.Header("Set-Cookie")!.Split(';')[0];
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

        // Few enough that nobody is shut out, which would be warned of.
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
