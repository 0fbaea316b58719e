using System.Collections.Immutable;
using System.Text.Json;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>What a screen asked for when it joined, and what it then already had.</summary>
internal sealed record Asked(ScreenView View, Since Since, ScreenState? Base);

/// <summary>
/// A topic on a screen: the front end's store (spec/contract.md section 4.1), but with an eye for what the front end would
/// not notice. Also notes every seq it is told, so that none can be missing.
/// </summary>
internal sealed class ScreenTopic(string collection, Tally tally)
{
    private const int Remembered = 12;

    private readonly Queue<string> _story = new();
    private readonly HashSet<long> _left = [];

    // What it was told since the last quiet moment, a part for every join, and from where it was not told what it asked for.
    private readonly List<Told> _told = [];
    private readonly List<long> _notRecovered = [];

    public string Collection => collection;

    /// <summary>What the screen wants to see; <c>null</c> when it has left.</summary>
    public ScreenView? Wanted { get; set; }

    /// <summary>Whether the server said so.</summary>
    public bool IsJoined { get; private set; }

    /// <summary>The ref of the join that was answered last.</summary>
    public string? JoinRef { get; private set; }

    /// <summary>The ref of the join that was sent last.</summary>
    public string? SentJoinRef { get; set; }

    /// <summary>What it shows; <c>null</c> before the first join.</summary>
    public ScreenState? State { get; private set; }

    /// <summary>What it showed before, some times.</summary>
    public List<ScreenState> Past { get; } = [];

    /// <summary>What has come last.</summary>
    public string Story => string.Join(" | ", _story);

    private bool IsMenu => collection == "menu";

    /// <summary>The connection is gone, or the server has ended the channel as it was asked to.</summary>
    public void End(string how)
    {
        IsJoined = false;
        Tell(how);
    }

    /// <summary>Takes an ok reply to a join or a reload.</summary>
    public void Take(Asked asked, string? joinRef, JsonElement response)
    {
        (IsJoined, JoinRef) = (true, joinRef ?? JoinRef);
        var (seq, epoch) = (response.GetProperty("seq").GetInt64(), response.GetProperty("epoch").GetString()!);
        bool? recovered = response.TryGetProperty("recovered", out var value) ? value.GetBoolean() : null;
        Require(recovered.HasValue == (asked.Since != Since.Nothing), $"recovered is {recovered}");
        _left.Clear();
        if (recovered is true)
        {
            Recover(asked, seq, epoch, response);
        }
        else
        {
            Require(!response.TryGetProperty("changes", out _), "changes of what is not recovered");
            State = new ScreenState(asked.View, epoch, seq, ReadItems(response.GetProperty("items")));
            _told.Add(new Told(asked.View, seq));
            Tell($"whole at {seq} ({asked.Since})");
            if (asked.Since is Since.Last or Since.Earlier)
            {
                _notRecovered.Add(asked.Base!.Seq);
            }
        }
    }

    /// <summary>Takes a change; throws if it is none that may come now.</summary>
    public void Take(JsonElement change)
    {
        Require(IsJoined, "a change on a topic that is not joined");
        var (action, record) = (change.GetProperty("action").GetString()!, change.GetProperty("record"));
        var seq = change.GetProperty("seq").GetInt64();
        var id = IsMenu ? 0 : record.GetProperty("id").GetInt64();
        Tell($"{action} {id} at {seq}");
        Require(seq > State!.Seq, "its seq has not grown");
        _told[^1].Seqs.Add(seq);
        _told[^1].To = seq;
        State = State with { Seq = seq, Records = Apply(action, id, record) };
    }

    /// <summary>What is wrong at a quiet moment; <c>null</c> if nothing is.</summary>
    public string? Mismatch(QuietMoment quiet)
    {
        if (IsJoined != (Wanted is not null))
        {
            return $"{collection} is {(IsJoined ? "still" : "not")} joined";
        }

        var parts = IsMenu ? [] : _told.Select((told, index) =>
            quiet.Mismatch(told, told.From, IsJoined && index == _told.Count - 1 ? quiet.Seq : told.To));
        return parts.Append(_notRecovered.Exists(quiet.Knows) ? $"{collection}: recovered is false, but the log goes back that far" : null)
            .Append(IsJoined ? quiet.Mismatch(State!) : null)
            .FirstOrDefault(mismatch => mismatch is not null);
    }

    /// <summary>There was nothing wrong: later ones need not look at this again.</summary>
    public void Settle(QuietMoment quiet, bool isRemembered)
    {
        if (IsMenu)
        {
            tally.Count("menus told", _told.Sum(told => told.Seqs.Count));
            tally.Count("menus told that merge changes", _told.Sum(quiet.Merged));
        }

        _told.Clear();
        _notRecovered.Clear();
        if (IsJoined)
        {
            _told.Add(new Told(State!.View, quiet.Seq));
        }

        if (isRemembered && State is not null)
        {
            Past.Add(State);
        }

        if (Past.Count > Remembered)
        {
            Past.RemoveAt(0);
        }
    }

    private void Recover(Asked asked, long seq, string epoch, JsonElement response)
    {
        Require(asked is { Since: Since.Last or Since.Earlier, Base: not null }, $"recovered from {asked.Since}");
        Require(asked.Base!.Epoch == epoch, "recovered across epochs");
        Require(!response.TryGetProperty("items", out _), "items beside changes");
        State = asked.Base;
        _told.Add(new Told(asked.View, State.Seq));
        Tell($"recovers from {State.Seq} to {seq} ({asked.Since})");
        foreach (var change in response.GetProperty("changes").EnumerateArray())
        {
            Take(change);
            tally.Count("changes replayed");
        }

        Require(State.Seq <= seq, "a change from beyond the answer");
        State = State with { Seq = seq };
        _told[^1].To = seq;
    }

    private ImmutableDictionary<long, string> Apply(string action, long id, JsonElement record)
    {
        var (json, records) = (record.GetRawText(), State!.Records);
        var known = records.GetValueOrDefault(id);
        switch (action)
        {
            case "create" when known is null && !IsMenu:
                CountEnter(id);
                return records.Add(id, json);
            case "update" when known is not null:
                // Orders, messages and the status may be written again as they are: somebody has pressed the button.
                Require(known != json || collection is "order" or "message" or "status", "nothing has changed");
                return records.SetItem(id, json);
            case "delete" when known is not null && !IsMenu:
                Require(json == $$"""{"id":{{id}}}""", $"a delete with {json}");
                _left.Add(id);
                return records.Remove(id);
            default:
                throw new InvalidDataException($"cannot be applied: {(known is null ? "unknown" : "known already")}");
        }
    }

    // It was seen before, and ids are never given again: what it left was not the database.
    private void CountEnter(long id)
    {
        if (_left.Remove(id))
        {
            tally.Count("orders that left a filter and entered it again");
        }
    }

    private ImmutableDictionary<long, string> ReadItems(JsonElement items)
    {
        if (IsMenu)
        {
            return ImmutableDictionary<long, string>.Empty.Add(0, items.GetRawText());
        }

        var records = ImmutableDictionary.CreateBuilder<long, string>();
        foreach (var record in items.EnumerateArray())
        {
            records.Add(record.GetProperty("id").GetInt64(), record.GetRawText()); // throws for one that is there twice
        }

        return records.ToImmutable();
    }

    private void Tell(string what)
    {
        _story.Enqueue(what);
        if (_story.Count > Remembered)
        {
            _story.Dequeue();
        }
    }

    private static void Require(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            throw new InvalidDataException(otherwise);
        }
    }
}
