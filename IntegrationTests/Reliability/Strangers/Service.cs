namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>What the shop's own people ask of the server all the time.</summary>
internal enum Service
{
    /// <summary>A till places an order.</summary>
    Order,

    /// <summary>A load balancer asks for the server's health.</summary>
    Health,

    /// <summary>An administrator signs in.</summary>
    SignIn,

    /// <summary>A member of the staff opens the page of today's orders.</summary>
    Join,
}
