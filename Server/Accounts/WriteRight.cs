namespace Kaffediem.Server.Accounts;

/// <summary>What an endpoint that writes asks for where writes are protected; set as the endpoint's metadata.</summary>
internal sealed class WriteRight
{
    /// <summary>A session, whoever's.</summary>
    public static readonly WriteRight PlaceOrder = new();

    /// <summary>An administrator's session.</summary>
    public static readonly WriteRight Administer = new();

    private WriteRight()
    {
    }
}
