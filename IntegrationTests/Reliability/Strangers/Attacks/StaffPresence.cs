namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>One customer's sockets, all of which want to be seen among the staff.</summary>
internal sealed class StaffPresence() : HeldSockets(
    count: 1000, """["1","1","presence:staff","phx_join",{"screen":"mine"}]""")
{
    public override string Name => "a customer's sockets among the staff";

    protected override string HeaderOf(AttackedShop shop, int number) => $"Cookie: {shop.CustomerCookie}";
}
