using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.Logs;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// A topic on a screen: the front end's store (docs/design.md, "The front end"), but with an eye for what the front end
/// would not notice. Also notes every seq it is told, so that none can be missing.
/// </summary>
internal sealed class ScreenTopic(string collection, Tally tally)
{
    private const int Remembered = 12;
    private const int LongestStory = 80;

    private readonly Queue<string> _story = new();

    // What it was told since the last quiet moment, a part for every join, and from where it asked to be told in vain.
    private readonly List<ReceivedRange> _told = [];
    private readonly List<long> _notRecovered = [];
    private readonly List<ScreenState> _past = [];

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

    /// <summary>What it was told, a part for every join, unless a quiet moment has looked at it.</summary>
    public IReadOnlyList<ReceivedRange> Told => _told;

    /// <summary>What has come last.</summary>
    public string Story => string.Join(" | ", _story);

    /// <summary>What to say in a join.</summary>
    public JoinRequest Ask(ScreenView view, ResumeFrom since, int pick)
    {
        var known = since == ResumeFrom.Earlier && _past.Count > 0 ? _past[pick % _past.Count] : State;

        // Who wants to see something else, or has nothing yet, has missed nothing of it.
        return new JoinRequest(view, known?.View == view ? since : ResumeFrom.Nothing, known);
    }

    /// <summary>The connection is gone, or the server has ended the channel as it was asked to.</summary>
    public void End(string how)
    {
        IsJoined = false;
        Tell(how);
    }

    /// <summary>Takes an ok reply to a join or a reload; throws if it is none that may come now.</summary>
    /// <param name="asked">What it replies to.</param>
    /// <param name="joinRef">The join's ref; <c>null</c>: it was a reload.</param>
    /// <param name="response">The response.</param>
    public void Take(JoinRequest asked, string? joinRef, JsonElement response)
    {
        (IsJoined, JoinRef) = (true, joinRef ?? JoinRef);
        bool? recovered = response.TryGetProperty("recovered", out var value) ? value.GetBoolean() : null;
        Require(recovered.HasValue == (asked.Since != ResumeFrom.Nothing), $"recovered is {recovered}");
        if (recovered is true)
        {
            Recover(asked, response);
        }
        else
        {
            Begin(asked, response);
        }
    }

    /// <summary>Takes a change; throws if it is none that may come now.</summary>
    public void Take(JsonElement change) => Take(change, isReplayed: false);

    /// <summary>Takes what it was told, and notes from now on what comes after it.</summary>
    public IReadOnlyList<ReceivedRange> TakeTold()
    {
        IReadOnlyList<ReceivedRange> told = [.. _told];
        _told.Clear();
        if (IsJoined)
        {
            _told.Add(new ReceivedRange(State!.View, State.Seq));
        }

        return told;
    }

    /// <summary>What is wrong at a quiet moment; <c>null</c> if nothing is.</summary>
    public string? Mismatch(QuietMoment quiet)
    {
        if (IsJoined != (Wanted is not null))
        {
            return $"{collection} is {(IsJoined ? "still" : "not")} joined";
        }

        if (_notRecovered.Exists(quiet.Knows))
        {
            return $"{collection}: recovered was false, but the log goes back that far";
        }

        return _told.Select((told, index) => quiet.Mismatch(told, isLast: IsJoined && index == _told.Count - 1))
            .Append(IsJoined ? quiet.Mismatch(State!) : null)
            .FirstOrDefault(mismatch => mismatch is not null);
    }

    /// <summary>There was nothing wrong: later quiet moments need not look at this again.</summary>
    public void Settle(QuietMoment quiet, bool isRemembered)
    {
        _told.ForEach(told => quiet.Count(told, tally));
        _told.Clear();
        _notRecovered.Clear();
        if (IsJoined)
        {
            _told.Add(new ReceivedRange(State!.View, quiet.Seq));
        }

        if (isRemembered && State is not null)
        {
            _past.Add(State);
        }

        if (_past.Count > Remembered)
        {
            _past.RemoveAt(0);
        }
    }

    private void Begin(JoinRequest asked, JsonElement response)
    {
        Require(!response.TryGetProperty("changes", out _), "changes of what is not recovered");
        State = ScreenState.Read(asked.View, response);
        _told.Add(new ReceivedRange(asked.View, State.Seq));
        Tell($"whole at {State.Seq} ({asked.Since})");
        if (asked.Since is ResumeFrom.Last or ResumeFrom.Earlier)
        {
            _notRecovered.Add(asked.Base!.Seq);
        }
    }

    private void Recover(JoinRequest asked, JsonElement response)
    {
        var seq = response.GetProperty("seq").GetInt64();
        Require(
            asked is { Since: ResumeFrom.Last or ResumeFrom.Earlier, Base: not null }, $"recovered from {asked.Since}");
        Require(asked.Base!.Epoch == response.GetProperty("epoch").GetString(), "recovered across epochs");
        Require(!response.TryGetProperty("items", out _), "items beside changes");
        State = asked.Base;
        _told.Add(new ReceivedRange(asked.View, State.Seq));
        Tell($"recovers from {State.Seq} to {seq} ({asked.Since})");
        foreach (var change in response.GetProperty("changes").EnumerateArray())
        {
            Take(change, isReplayed: true);
            tally.Count("changes replayed");
        }

        Require(State.Seq <= seq, "a change from beyond the answer");
        State = State with { Seq = seq };
        _told[^1].To = seq;
    }

    private void Take(JsonElement change, bool isReplayed)
    {
        Require(IsJoined, "a change on a topic that is not joined");
        Tell($"{change}");
        State = State!.Take(change, isReplayed);
        _told[^1].Add(State.Seq);
    }

    private void Tell(string what)
    {
        _story.Enqueue(what.Length <= LongestStory ? what : what[..LongestStory]);
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
