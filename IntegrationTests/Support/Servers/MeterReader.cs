using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Support.Servers;

/// <summary>
/// Adds up the measurements of one application. Sums are named like <c>phoenix.closes code=1012 reason=draining</c>,
/// with the tags ordered by name.
/// </summary>
internal sealed class MeterReader : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _sums = [];
    private readonly List<(string Name, long Value, TaskCompletionSource Reached)> _waiting = [];
    private readonly ConcurrentDictionary<string, long> _observed = new();
    private readonly MeterListener _listener = new();

    public MeterReader(PhoenixApp app) : this(app.Services)
    {
    }

    public MeterReader(IServiceProvider services)
    {
        var scope = services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Kaffediem.Protocol" && instrument.Meter.Scope == scope)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All sums of an instrument that are not 0.</summary>
    public Dictionary<string, long> this[string instrument]
    {
        get
        {
            lock (_lock)
            {
                return _sums.Where(sum => sum.Value != 0 && sum.Key.Split(' ')[0] == instrument)
                    .ToDictionary(sum => sum.Key[instrument.Length..].TrimStart(), sum => sum.Value);
            }
        }
    }

    /// <summary>The current value of an observable instrument.</summary>
    public long Observe(string instrument)
    {
        _listener.RecordObservableInstruments();
        return _observed[instrument];
    }

    /// <summary>Waits until a sum has a value.</summary>
    public Task ReachAsync(string name, long value)
    {
        lock (_lock)
        {
            if (_sums.GetValueOrDefault(name) == value)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((name, value, reached));
            return reached.Task.WaitAsync(Patience.Limit);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string[] parts = [.. tags.ToArray().OrderBy(tag => tag.Key).Select(tag => $"{tag.Key}={tag.Value}")];
        var name = string.Join(' ', [instrument.Name, .. parts]);
        if (instrument.IsObservable)
        {
            _observed[name] = value;
            return;
        }

        lock (_lock)
        {
            var sum = _sums[name] = _sums.GetValueOrDefault(name) + value;
            foreach (var waiting in _waiting.Where(waiting => waiting.Name == name && waiting.Value == sum).ToArray())
            {
                waiting.Reached.TrySetResult();
                _waiting.Remove(waiting);
            }
        }
    }
}
