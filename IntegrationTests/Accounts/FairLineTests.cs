using Kaffediem.Server.Accounts;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>A line that shares its places among the owners of the entries.</summary>
public sealed class FairLineTests
{
    private readonly FairLine<string> _line = new(capacity: 6);

    [Fact]
    public void Owners_take_turns_and_each_owners_entries_stay_in_order()
    {
        Add("a1", "a2", "a3", "b1", "b2", "c1");

        Assert.Equal(["a1", "b1", "c1", "a2", "b2", "a3"], TakeAll());
    }

    [Fact]
    public void Owner_that_comes_back_waits_for_the_others_turns()
    {
        Add("a1", "b1", "b2");
        Assert.Equal("a1", _line.TakeNext());
        Add("a2", "a3");

        Assert.Equal(["b1", "b2", "a2", "a3"], TakeAll());
    }

    [Fact]
    public void Full_line_evicts_the_last_entry_of_the_largest_share()
    {
        Add("a1", "b1", "a2", "a3", "a4", "b2");

        Assert.True(_line.TryAdd("c", "c1", out var displaced));

        Assert.Equal("a4", displaced);
        Assert.Equal(6, _line.Count);
        Assert.Equal(["a1", "b1", "c1", "a2", "b2", "a3"], TakeAll());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void Full_line_refuses_an_owner_whose_share_would_be_as_large_as_any(string owner)
    {
        Add("a1", "b1", "a2", "b2", "a3", "b3");

        Assert.False(_line.TryAdd(owner, "more", out var displaced));

        Assert.Null(displaced);
        Assert.Equal(6, _line.Count);
    }

    [Fact]
    public void Entry_that_is_removed_is_not_served()
    {
        Add("a1", "a2");

        Assert.True(_line.Remove("a1"));
        Assert.False(_line.Remove("a1"));

        Assert.Equal(["a2"], TakeAll());
    }

    private void Add(params string[] items)
    {
        foreach (var item in items)
        {
            Assert.True(_line.TryAdd(item[..1], item, out _));
        }
    }

    private List<string> TakeAll()
    {
        List<string> all = [];
        while (_line.TakeNext() is { } next)
        {
            all.Add(next);
        }

        return all;
    }
}
