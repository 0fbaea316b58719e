namespace Kaffediem.Benchmarks.Load;

/// <summary>What the load client is to do; on its command line, <c>--Name value</c>.</summary>
internal sealed record LoadPlan
{
    /// <summary>Where the server listens: <c>http://127.0.0.1:5000</c>.</summary>
    public required string Url { get; init; }

    /// <summary>The server's process, to tell what it uses (default 0: not told).</summary>
    public int Pid { get; init; }

    /// <summary>See <see cref="Load.Dialect.Named"/>.</summary>
    public string Dialect { get; init; } = "phoenix";

    public string Topic { get; init; } = "collection:order";

    /// <summary>The options of a Phoenix join, JSON.</summary>
    public string JoinOptions { get; init; } = "{}";

    public int Subscribers { get; init; } = 1000;

    /// <summary>How long to wait once all have joined, before anything is measured.</summary>
    public int SettleMs { get; init; } = 300;

    /// <summary>How many changes to make (default 0: none).</summary>
    public int Posts { get; init; }

    /// <summary>Over how many keep-alive connections they are posted.</summary>
    public int Posters { get; init; } = 1;

    /// <summary>How many posts one such connection sends before the first is answered.</summary>
    public int Pipelined { get; init; } = 1;

    /// <summary>
    /// How many changes may be under way, from the post to the last subscriber (default 0: as many as are answered).
    /// </summary>
    public int Window { get; init; }

    /// <summary>How many changes to make per second (default 0: as many as possible).</summary>
    public double Rate { get; init; }

    public string PostPath { get; init; } = "/api/collections/order/records";

    public string Body { get; init; } = SampleOrder.Request;

    /// <summary>How long to send heartbeats, one per subscriber at a time (default 0: none).</summary>
    public int HeartbeatSeconds { get; init; }

    /// <summary>Whether to measure the server's memory, before and after a full collection.</summary>
    public bool Memory { get; init; }

    /// <summary>After how long each step is given up.</summary>
    public int TimeoutSeconds { get; init; } = 60;
}
