using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>The version of a client's messages, and the transport that carries them.</summary>
public enum Wire
{
    V1WebSocket,
    V1LongPoll,
    V2WebSocket,
    V2LongPoll,
}

internal static class WireExtensions
{
    extension(Wire wire)
    {
        public int Version => wire is Wire.V1WebSocket or Wire.V1LongPoll ? 1 : 2;

        public bool IsLongPoll => wire is Wire.V1LongPoll or Wire.V2LongPoll;
    }
}

/// <summary>
/// Data of a theory, once for every wire; the wire is the first argument, and the given data follow it.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public class EachWireAttribute(params object?[] data) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enum.GetValues<Wire>().Where(Fits).Select(wire => new TheoryDataRow([wire, .. data]))]);

    public override bool SupportsDiscoveryEnumeration() => true;

    protected virtual bool Fits(Wire wire) => true;
}

/// <summary>The same for the wires of V1.</summary>
public sealed class EachV1WireAttribute(params object?[] data) : EachWireAttribute(data)
{
    protected override bool Fits(Wire wire) => wire.Version == 1;
}

/// <summary>The same for the wires of V2.</summary>
public sealed class EachV2WireAttribute(params object?[] data) : EachWireAttribute(data)
{
    protected override bool Fits(Wire wire) => wire.Version == 2;
}

/// <summary>The same for the wires that carry no binary payloads to the client.</summary>
public sealed class EachTextWireAttribute(params object?[] data) : EachWireAttribute(data)
{
    protected override bool Fits(Wire wire) => wire != Wire.V2WebSocket;
}
