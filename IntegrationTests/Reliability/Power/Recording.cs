using Kaffediem.IntegrationTests.Protocol.Fuzz;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Power;

/// <summary>
/// What a server has written before it was killed, and for every write how long the log was when it was acknowledged.
/// That much was synced by then, where <c>FullSync</c> is on: what is taken on trust is that SQLite syncs the log
/// before a commit returns (sqlite.org/pragma.html#pragma_synchronous), and the disk when it says so.
/// <c>SqliteSettingsTests</c> has the setting; that the commit is in the log before the answer is what the cuts of the
/// log show.
/// </summary>
internal sealed class Recording
{
    // SQLite checkpoints after 1,000 frames; until then the database file stays as it is.
    private const int LateFrames = 700;

    private static readonly int EnoughFrames = TestSettings.Pick(quick: 40, full: 150, @long: 150);

    // Guards what tills note: each has a loop of its own.
    private readonly Lock _lock = new();
    private readonly List<(ShopWrite Write, WalFile Wal)> _acknowledged = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ShopFolder _shop;
    private readonly bool _inLaterGeneration;
    private ulong _firstSalts;
    private byte[] _firstLog = [];

    private Recording(ShopFolder shop, bool inLaterGeneration) =>
        (_shop, _inLaterGeneration) = (shop, inLaterGeneration);

    /// <summary>The database file, which is the same from the log's beginning to its end.</summary>
    public byte[] Database { get; private set; } = [];

    /// <summary>The log file.</summary>
    public byte[] Log { get; private set; } = [];

    /// <summary>The log file of the generation before, if there was one.</summary>
    public byte[] Stale { get; private set; } = [];

    /// <summary>What of it is of the present generation.</summary>
    public WalFile Wal { get; private set; } = new(0, 0, 0, 0);

    /// <summary>
    /// Up to where the log need not be cut: nobody had been told anything yet, or it had just begun anew.
    /// </summary>
    public long Served { get; private set; }

    /// <summary>The epoch that clients have seen.</summary>
    public string Epoch { get; private set; } = "";

    /// <summary>What was asked for and not answered.</summary>
    public IReadOnlyList<ShopWrite> InDoubt { get; private set; } = [];

    /// <summary>How many writes were acknowledged.</summary>
    public int Count => _acknowledged.Count;

    private string LogPath => _shop.Database + "-wal";

    /// <summary>Lets tills write to a server, and kills it.</summary>
    /// <param name="shop">A served and closed database.</param>
    /// <param name="fullSync">The setting.</param>
    /// <param name="tills">How many write at the same time.</param>
    /// <param name="seed">What they write.</param>
    /// <param name="inLaterGeneration">Whether the log is to have begun anew before.</param>
    public static async Task<Recording> MakeAsync(
        ShopFolder shop, bool fullSync, int tills, ulong seed, bool inLaterGeneration = false)
    {
        var recording = new Recording(shop, inLaterGeneration);
        using var server = await ServerProcess.StartAsync(
            shop.Database, ServerProcess.AsItIs, $"--Database:FullSync={fullSync}");
        using (var client = server.CreateClient())
        {
            recording.Epoch = (await client.GetAsync("/health")).Is(200).GetProperty("epoch").GetString()!;
        }

        recording.Begin();
        var all = Enumerable.Range(1, tills)
            .Select(it => new Till(it, FuzzRandom.Of(seed, "till", it), server.BaseAddress)).ToList();
        var writing = Task.WhenAll(all.Select(recording.WriteAsync));
        await Task.WhenAny(recording._done.Task, writing).WaitAsync(TimeSpan.FromSeconds(90));
        await server.KillAsync();
        await writing;
        recording.InDoubt = [.. all.Select(till => till.InDoubt).OfType<ShopWrite>()];
        all.ForEach(till => till.Dispose());
        recording.End();
        return recording;
    }

    /// <summary>Which writes were acknowledged when the log was so long, at the latest; and which not.</summary>
    public (List<ShopWrite> Acknowledged, List<ShopWrite> NotYet) At(long length)
    {
        var by = _acknowledged.ToLookup(it => it.Wal.Salts != Wal.Salts || it.Wal.End <= length, it => it.Write);
        return ([.. by[true]], [.. by[false], .. InDoubt]);
    }

    private void Begin()
    {
        var wal = WalFile.Read(LogPath);
        (Database, Served, _firstSalts) = (File.ReadAllBytes(_shop.Database), wal.End, wal.Salts);
    }

    private void End()
    {
        (Log, Wal) = (File.ReadAllBytes(LogPath), WalFile.Read(LogPath));
        Assert.True(
            Database.AsSpan().SequenceEqual(File.ReadAllBytes(_shop.Database)),
            "The log was checkpointed: cut before that, it would be one that no power cut leaves.");
    }

    private async Task WriteAsync(Till till)
    {
        try
        {
            while (await till.WriteAsync())
            {
                Note(till.Acknowledged[^1]);
            }
        }
        finally
        {
            _done.TrySetResult(); // there is nothing to wait for if this failed
        }
    }

    private void Note(ShopWrite write)
    {
        var wal = WalFile.Read(LogPath); // at once: while it waits for its turn the log grows
        lock (_lock)
        {
            _acknowledged.Add((write, wal));
            if (_inLaterGeneration)
            {
                FollowGenerations(wal);
            }

            if (wal.Frames >= EnoughFrames && (!_inLaterGeneration || Stale.Length > 0))
            {
                _done.TrySetResult();
            }
        }
    }

    private void FollowGenerations(WalFile wal)
    {
        _firstSalts = _firstSalts == 0 ? wal.Salts : _firstSalts;
        if (Stale.Length > 0)
        {
            return;
        }

        if (wal.Salts == _firstSalts)
        {
            _firstLog = _firstLog.Length == 0 && wal.Frames > LateFrames ? File.ReadAllBytes(LogPath) : _firstLog;
            return;
        }

        // A log begins anew only when all of it is in the database file. The header is synced before the first frame.
        (Database, Served, Stale) = (File.ReadAllBytes(_shop.Database), WalFile.HeaderSize, _firstLog);
    }
}
