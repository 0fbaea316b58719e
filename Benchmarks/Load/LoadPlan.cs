namespace Kaffediem.Benchmarks.Load;

/// <summary>The work of the load client; on its command line, <c>--Name=value</c>.</summary>
internal sealed record LoadPlan
{
    /// <summary>The server's address, for example <c>http://127.0.0.1:5000</c>.</summary>
    public required string Url { get; init; }

    /// <summary>The server's process, whose processor time and memory are reported (default 0: not reported).</summary>
    public int Pid { get; init; }

    /// <summary>See <see cref="Load.Dialect.Named"/>.</summary>
    public string Dialect { get; init; } = "phoenix";

    public string Topic { get; init; } = "collection:order";

    /// <summary>The options of a Phoenix join, JSON.</summary>
    public string JoinOptions { get; init; } = "{}";

    public int Subscribers { get; init; } = 1000;

    /// <summary>The pause between the last join and the first measurement.</summary>
    public int SettleMs { get; init; } = 300;

    /// <summary>The number of changes to post (default 0: none).</summary>
    public int Posts { get; init; }

    /// <summary>The number of keep-alive connections that post them.</summary>
    public int Posters { get; init; } = 1;

    /// <summary>The number of posts that one such connection sends before the first response.</summary>
    public int Pipelined { get; init; } = 1;

    /// <summary>
    /// The limit of changes in flight, from the post to the last subscriber (default 0: limited by responses only).
    /// </summary>
    public int Window { get; init; }

    /// <summary>The number of changes to post per second (default 0: as many as possible).</summary>
    public double Rate { get; init; }

    public string PostPath { get; init; } = "/api/collections/order/records";

    public string Body { get; init; } = SampleOrder.Request;

    /// <summary>How long to send heartbeats, one per subscriber at a time (default 0: no heartbeats).</summary>
    public int HeartbeatSeconds { get; init; }

    /// <summary>Whether to measure the server's memory, before and after a full garbage collection.</summary>
    public bool Memory { get; init; }

    /// <summary>The time limit of each step.</summary>
    public int TimeoutSeconds { get; init; } = 60;
}
