namespace Kaffediem.Server.Identity;

/// <summary>The right that an endpoint requires where writes are protected; set as the endpoint's metadata.</summary>
internal sealed class WriteRight
{
    /// <summary>Any session.</summary>
    public static readonly WriteRight PlaceOrder = new();

    /// <summary>An administrator's session.</summary>
    public static readonly WriteRight Administer = new();

    private WriteRight()
    {
    }
}
