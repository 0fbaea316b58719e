using System.Net;
using System.Net.Sockets;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Shop.Servers;

/// <summary>A port for a server that is restarted at the same address.</summary>
internal static class FreePort
{
    /// <summary>
    /// Not from the range that the system gives to clients: one of them could take it while the server is down.
    /// </summary>
    public static int Pick(SeededRandom random)
    {
        while (true)
        {
            try
            {
                var port = 20_000 + random.Below(10_000);
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Another process has it.
            }
        }
    }
}
