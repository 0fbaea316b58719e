using System.Net;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>A sign-in that fails because of the server does not count as a failed attempt.</summary>
public sealed class SignInFaultTests
{
    // More than the 10 attempts of an account and the 50 of an address.
    private const int Attempts = 60;

    [Fact]
    public async Task Sign_ins_that_fail_because_of_the_disk_do_not_count_as_attempts()
    {
        await using var server = Start(new PasswordVerifier((password, _) => password == Administrator.Password));
        server.Logs.Expect("Further failures of this kind are counted, not logged.");
        server.Logs.Expect("unable to open database file"); // from a reader that opens at that moment
        using var client = server.CreateClient();
        var elsewhere = server.DatabasePath + ".moved";

        // The writer refuses to write to a file that has been moved.
        File.Move(server.DatabasePath, elsewhere);
        for (var i = 0; i < Attempts; i++)
        {
            (await client.SignInAsync()).Is(503);
        }

        File.Move(elsewhere, server.DatabasePath);
        (await client.SignInAsync()).Is(200);
    }

    [Fact]
    public async Task Sign_ins_refused_because_too_many_are_waiting_do_not_count_as_attempts()
    {
        using var opened = new ManualResetEventSlim();
        var verifier = new PasswordVerifier((_, _) => opened.Wait(Patience.Limit));
        await using var server = Start(verifier);
        using var client = server.CreateClient();

        server.Logs.Expect("Sign-ins are refused for now: 200 wait");
        var share = LineShare.OfStranger(IPAddress.Loopback);
        var waiting = Enumerable.Range(0, 1000)
            .Select(_ => verifier.CheckAsync("x", "a hash", share, CancellationToken.None)).ToArray();
        for (var i = 0; i < Attempts; i++)
        {
            var refused = await client.SignInAsync();
            refused.Is(429);
            Assert.Equal("60", refused.Header("Retry-After"));
        }

        opened.Set();
        await Task.WhenAll(waiting);
        (await client.SignInAsync()).Is(200);
    }

    private static KaffediemServer Start(PasswordVerifier passwords) => KaffediemServer.Start(new ServerSetup
    {
        Environment = "Production",
        ConfigureServices = services => services.AddSingleton(passwords),
    });
}
