using System.Buffers.Text;
using System.Security.Cryptography;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Signing out of sessions that never were.</summary>
internal sealed class InventedSessions : IAttack
{
    private const int AtOnce = 16;
    private const int TokenBytes = 32;

    public string Name => "signing out of invented sessions";

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(
            AtOnce,
            () => attacker.AskAsync("DELETE", "/api/session", json: null, stop, ("Cookie", InventCookie())),
            stop)));

    private static string InventCookie() =>
        $"_kaffediem_session={Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes))}";
}
