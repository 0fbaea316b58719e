using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.Logs;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// A topic on a screen: the front end's store (docs/design.md, "The front end"), but it also detects what the front end
/// would not notice, and keeps every received seq, so that none can be missing.
/// </summary>
internal sealed class ScreenTopic(string collection, Tally tally)
{
    private const int Remembered = 12;
    private const int LongestStory = 80;

    private readonly Queue<string> _story = new();

    // The changes received since the last quiet moment, a part for every join, and the seqs from which a recovery
    // failed.
    private readonly List<ReceivedRange> _received = [];
    private readonly List<long> _notRecovered = [];
    private readonly List<ScreenState> _past = [];

    public string Collection => collection;

    /// <summary>The view to show; <c>null</c> after a leave.</summary>
    public ScreenView? Wanted { get; set; }

    /// <summary>Whether the server has confirmed it.</summary>
    public bool IsJoined { get; private set; }

    /// <summary>The ref of the last join that was answered.</summary>
    public string? JoinRef { get; private set; }

    /// <summary>The ref of the last join that was sent.</summary>
    public string? SentJoinRef { get; set; }

    /// <summary>What it shows; <c>null</c> before the first join.</summary>
    public ScreenState? State { get; private set; }

    /// <summary>The changes received, a part for every join, since the last quiet moment.</summary>
    public IReadOnlyList<ReceivedRange> Received => _received;

    /// <summary>The last messages.</summary>
    public string Story => string.Join(" | ", _story);

    /// <summary>What to ask for with a join.</summary>
    public JoinRequest Ask(ScreenView view, ResumeFrom since, int pick)
    {
        var known = since == ResumeFrom.Earlier && _past.Count > 0 ? _past[pick % _past.Count] : State;

        // A screen with another view, or without a state, cannot resume.
        return new JoinRequest(view, known?.View == view ? since : ResumeFrom.Nothing, known);
    }

    /// <summary>The connection has ended, or the server has ended the channel on request.</summary>
    public void End(string how)
    {
        IsJoined = false;
        Note(how);
    }

    /// <summary>Applies an ok reply to a join or a reload; throws if it must not come now.</summary>
    /// <param name="asked">The request that it answers.</param>
    /// <param name="joinRef">The join's ref; <c>null</c> for a reload.</param>
    /// <param name="response">The response.</param>
    public void Apply(JoinRequest asked, string? joinRef, JsonElement response)
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

    /// <summary>Applies a change; throws if it must not come now.</summary>
    public void Apply(JsonElement change) => Apply(change, isReplayed: false);

    /// <summary>Takes the changes received so far; later ones start a new part.</summary>
    public IReadOnlyList<ReceivedRange> TakeReceived()
    {
        IReadOnlyList<ReceivedRange> received = [.. _received];
        _received.Clear();
        if (IsJoined)
        {
            _received.Add(new ReceivedRange(State!.View, State.Seq));
        }

        return received;
    }

    /// <summary>How it differs from what the server lists; <c>null</c> if it does not.</summary>
    public string? Mismatch(RecordList list) => !IsJoined
        ? $"has not joined {Wanted}"
        : list.Difference(State!.Records) is { } difference ? $"{Wanted}: {difference}" : null;

    /// <summary>The fault at a quiet moment; <c>null</c> without one.</summary>
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

        return _received
            .Select((received, index) => quiet.Mismatch(received, isLast: IsJoined && index == _received.Count - 1))
            .Append(IsJoined ? quiet.Mismatch(State!) : null)
            .FirstOrDefault(mismatch => mismatch is not null);
    }

    /// <summary>Nothing was wrong: later quiet moments need not check these changes again.</summary>
    public void Settle(QuietMoment quiet, bool isRemembered)
    {
        _received.ForEach(received => quiet.Count(received, tally));
        _received.Clear();
        _notRecovered.Clear();
        if (IsJoined)
        {
            _received.Add(new ReceivedRange(State!.View, quiet.Seq));
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
        _received.Add(new ReceivedRange(asked.View, State.Seq));
        Note($"whole at {State.Seq} ({asked.Since})");
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
        _received.Add(new ReceivedRange(asked.View, State.Seq));
        Note($"recovers from {State.Seq} to {seq} ({asked.Since})");
        foreach (var change in response.GetProperty("changes").EnumerateArray())
        {
            Apply(change, isReplayed: true);
            tally.Count("changes replayed");
        }

        Require(State.Seq <= seq, "a change from beyond the answer");
        State = State with { Seq = seq };
        _received[^1].To = seq;
    }

    private void Apply(JsonElement change, bool isReplayed)
    {
        Require(IsJoined, "a change on a topic that is not joined");
        Note($"{change}");
        State = State!.Apply(change, isReplayed);
        _received[^1].Add(State.Seq);
    }

    private void Note(string what)
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
