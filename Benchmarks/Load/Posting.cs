using System.Diagnostics;
using System.Net;
using Kaffediem.Benchmarks.Linux;

namespace Kaffediem.Benchmarks.Load;

/// <summary>
/// Posts changes, and waits until all subscribers have all of them. It posts the next one when a connection is free and
/// the plan allows it: at a fixed rate, while the number of changes in flight is below a limit, or at once.
/// </summary>
internal sealed class Posting : IAnswers
{
    private readonly EventLoop _loop;
    private readonly LoadPlan _plan;
    private readonly List<Subscriber> _subscribers;
    private readonly Deliveries _deliveries;
    private readonly Stack<Poster> _free = new();
    private readonly List<long> _answerTicks;
    private long _startedAt;
    private long _answeredAt;
    private int _posted;
    private int _refused;

    public Posting(EventLoop loop, LoadPlan plan, IPEndPoint server, List<Subscriber> subscribers)
    {
        _loop = loop;
        _plan = plan;
        _subscribers = subscribers;
        _deliveries = new Deliveries(subscribers.Count, plan.Posts);
        _answerTicks = new List<long>(plan.Posts);
        var request = Poster.Request(server, plan.PostPath, plan.Body);
        for (var i = 0; i < plan.Posters; i++)
        {
            _free.Push(new Poster(loop, server, subscribers.Count + i, request, this));
        }
    }

    private bool IsDone =>
        _answerTicks.Count + _refused == _plan.Posts && _deliveries.Total >= (long)_plan.Posts * _subscribers.Count;

    private bool MayPost => _free.Count > 0
        && _posted < _plan.Posts
        && (_plan.Rate == 0 || Stopwatch.GetTimestamp() >= _startedAt + (_posted / _plan.Rate * Stopwatch.Frequency))
        && (_plan.Window == 0 || _posted - _deliveries.Complete < _plan.Window);

    public PostReport Run()
    {
        foreach (var subscriber in _subscribers)
        {
            (subscriber.Received, subscriber.Messages) = (0, _deliveries);
        }

        var bytes = _subscribers.Sum(subscriber => subscriber.Bytes);
        var cpu = ProcessUsage.CpuSeconds(_plan.Pid);
        var ended = _loop.Ended;
        var deadline = Deadline.In(_plan.TimeoutSeconds);
        _startedAt = Stopwatch.GetTimestamp();
        while (!IsDone && !deadline.HasPassed && _loop.Ended == ended)
        {
            while (MayPost)
            {
                Post();
            }

            _loop.Turn(TimeSpan.FromMilliseconds(1));
        }

        return Report(
            Stopwatch.GetElapsedTime(_startedAt).TotalSeconds,
            ProcessUsage.CpuSeconds(_plan.Pid) - cpu,
            _subscribers.Sum(subscriber => subscriber.Bytes) - bytes);
    }

    public void OnAnswer(Poster poster, int status, long sentAt, long now)
    {
        _answeredAt = now;
        if (status is >= 200 and < 300)
        {
            _answerTicks.Add(now - sentAt);
        }
        else
        {
            _refused++;
        }

        // A connection that could still send is on the stack already.
        if (poster.InFlight == _plan.Pipelined - 1)
        {
            _free.Push(poster);
        }
    }

    private void Post()
    {
        var now = Stopwatch.GetTimestamp();
        var poster = _free.Peek();
        _deliveries.OnPosted(_posted++, now);
        poster.Post(now);
        if (poster.InFlight == _plan.Pipelined)
        {
            _free.Pop();
        }
    }

    private PostReport Report(double seconds, double cpuSeconds, long bytes)
    {
        var answered = _answerTicks.Count;
        var total = _deliveries.Total;
        return new PostReport(
            answered,
            _refused,
            Math.Round(seconds, 3),
            Math.Round(answered / Stopwatch.GetElapsedTime(_startedAt, _answeredAt).TotalSeconds, 1),
            Milliseconds.Of(_answerTicks),
            total,
            (long)_plan.Posts * _subscribers.Count,
            Math.Round(total / seconds),
            _deliveries.OutOfOrder,
            _deliveries.Unnumbered,
            Milliseconds.Of(_deliveries.FirstLatencies),
            Milliseconds.Of(_deliveries.LastLatencies),
            total == 0 ? 0 : Math.Round((double)bytes / total, 1),
            Math.Round(cpuSeconds, 2),
            total == 0 ? 0 : Math.Round(cpuSeconds * 1e6 / total, 3),
            ProcessUsage.PeakResidentKB(_plan.Pid));
    }
}
