using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Kaffediem.Protocol;

/// <summary>
/// The measurements for operators: the instruments of the meter <see cref="MeterName"/> (docs/sockets.md,
/// "Metrics"). None has a tag that clients could fill with values of their own.
/// </summary>
internal sealed class PhoenixMetrics : IDisposable
{
    public const string MeterName = "Kaffediem.Protocol";

    private readonly Meter _meter;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _joins;
    private readonly Counter<long> _messagesIn;
    private readonly Counter<long> _messagesOut;
    private readonly Counter<long> _broadcasts;
    private readonly Counter<long> _closes;
    private readonly Counter<long> _refusals;

    public PhoenixMetrics(IMeterFactory meters, Func<long> readOutboxBytes)
    {
        _meter = meters.Create(MeterName);
        _connections = _meter.CreateUpDownCounter<long>(
            "phoenix.connections", "{connection}", "Open connections, by transport and vsn.");
        _joins = _meter.CreateCounter<long>("phoenix.joins", "{join}", "Joins, by outcome.");
        _messagesIn = _meter.CreateCounter<long>("phoenix.messages.in", "{message}", "Messages from clients.");
        _messagesOut = _meter.CreateCounter<long>(
            "phoenix.messages.out",
            "{message}",
            "Messages queued for clients: replies, pushes, and each delivery of a broadcast.");
        _broadcasts = _meter.CreateCounter<long>("phoenix.broadcasts", "{broadcast}", "Broadcasts.");
        _closes = _meter.CreateCounter<long>(
            "phoenix.closes", "{connection}", "Connections ended, by code and reason.");
        _refusals = _meter.CreateCounter<long>(
            "phoenix.refusals", "{connection}", "Connections refused, by cause and transport.");
        _meter.CreateObservableUpDownCounter(
            "phoenix.outbox.bytes",
            readOutboxBytes,
            "By",
            "Bytes that wait to be sent, over all connections.");
    }

    public void ConnectionOpened(string transport, string version) => Count(_connections, 1, transport, version);

    public void ConnectionEnded(string transport, string version) => Count(_connections, -1, transport, version);

    public void Joined(string outcome) => _joins.Add(1, Tag("outcome", outcome));

    public void MessageIn() => _messagesIn.Add(1);

    public void MessagesOut(int count) => _messagesOut.Add(count);

    public void BroadcastSent() => _broadcasts.Add(1);

    public void Closed(int code, string reason) => _closes.Add(1, Tag("code", code), Tag("reason", reason));

    public void Refused(string cause, string transport) =>
        _refusals.Add(1, Tag("cause", cause), Tag("transport", transport));

    public void Dispose() => _meter.Dispose();

    private static void Count(UpDownCounter<long> connections, int by, string transport, string version) =>
        connections.Add(by, new TagList { { "transport", transport }, { "vsn", version } });

    private static KeyValuePair<string, object?> Tag(string name, object? value) => KeyValuePair.Create(name, value);
}
