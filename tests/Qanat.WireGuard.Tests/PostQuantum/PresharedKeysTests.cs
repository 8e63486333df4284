using Xunit;

namespace Qanat.WireGuard.Tests.PostQuantum;

public class PresharedKeysTests
{
    private static readonly byte[] s_configured = KeyOf(1), s_first = KeyOf(2), s_second = KeyOf(3), s_third = KeyOf(4);

    [Fact]
    public void Without_a_derived_key_the_configured_one_is_all_there_is()
    {
        using var keys = new PresharedKeys();
        Assert.Equal([new byte[32]], List(keys));
        keys.Configure(s_configured);
        Assert.Equal([s_configured], List(keys));
        Assert.Equal([0, 0, 0], new[] { keys.Choose(), keys.Choose(), keys.Choose() });
    }

    [Fact]
    public void A_key_that_the_other_end_may_have_is_tried_but_not_chosen()
    {
        using var keys = Make();
        keys.AddUnsure(s_first);
        Assert.Equal([s_first, s_configured], List(keys));
        Assert.Equal(PresharedKeys.Configured, keys.Choose());
        keys.MakeSure();
        Assert.Equal(s_first, keys[keys.Choose()].ToArray());
    }

    [Fact]
    public void The_key_before_is_tried_until_a_session_is_under_the_new_one()
    {
        using var keys = Make();
        keys.Add(s_first);
        keys.Add(s_second);
        Assert.Equal([s_second, s_first, s_configured], List(keys));
        keys.Settle(keys.Choose());
        Assert.Equal([s_second, s_configured], List(keys));
    }

    [Fact]
    public void A_session_under_an_older_key_ends_the_newer_one()
    {
        using var keys = Make();
        keys.Add(s_first);
        var first = keys.Choose();
        keys.Settle(first);
        keys.AddUnsure(s_second);
        keys.MakeSure();
        keys.Settle(first);
        Assert.Equal([s_first, s_configured], List(keys));
        keys.Settle(PresharedKeys.Configured);
        Assert.Equal([s_configured], List(keys));
        Assert.False(keys.HasDerived);
    }

    [Fact]
    public void A_response_that_came_to_nothing_is_followed_by_one_under_the_configured_key_and_so_on_in_turn()
    {
        using var keys = Make();
        keys.Add(s_first);
        Assert.Equal([s_first, s_configured, s_first, s_configured], Enumerable.Range(0, 4).Select(_ => keys[keys.Choose()].ToArray()));
        keys.Choose();
        keys.Settle(1);
        Assert.Equal(s_first, keys[keys.Choose()].ToArray()); // it came to something
    }

    [Fact]
    public void What_is_forgotten_is_wiped()
    {
        var keys = Make();
        keys.Add(s_first);
        keys.Add(s_second);
        keys.AddUnsure(s_third); // in place of the first
        ReadOnlySpan<byte> configured = keys[PresharedKeys.Configured], second = keys[2], third = keys[3];
        keys.ForgetDerived();
        Assert.False(second.ContainsAnyExcept((byte)0) || third.ContainsAnyExcept((byte)0));
        Assert.Equal([s_configured], List(keys));
        keys.Dispose();
        Assert.False(configured.ContainsAnyExcept((byte)0));
    }

    private static PresharedKeys Make()
    {
        var keys = new PresharedKeys();
        keys.Configure(s_configured);
        return keys;
    }

    private static List<byte[]> List(PresharedKeys keys)
    {
        Span<int> numbers = stackalloc int[PresharedKeys.Max];
        List<byte[]> all = [];
        foreach (var number in numbers[..keys.List(numbers)])
            all.Add(keys[number].ToArray());
        return all;
    }

    private static byte[] KeyOf(byte value) => [.. Enumerable.Repeat(value, 32)];
}
