using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>What all who come to a shop share.</summary>
/// <param name="Address">Where the server is.</param>
/// <param name="Log">What the server says.</param>
/// <param name="Told">Where to tell what one was told.</param>
/// <param name="Tally">Where to count.</param>
/// <param name="Faults">Where to tell what must not be.</param>
internal sealed record SoakShop(Uri Address, ServerLog Log, DeliveryCheck Told, Tally Tally, Faults Faults);
