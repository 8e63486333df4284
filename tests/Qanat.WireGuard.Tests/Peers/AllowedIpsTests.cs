using FsCheck;
using FsCheck.Fluent;
using Qanat.Packets;
using Qanat.Testing;
using Qanat.WireGuard.Configuration;
using Xunit;
using IPv4Address = Qanat.Packets.IPv4Address;
using IPv6Address = Qanat.Packets.IPv6Address;

namespace Qanat.WireGuard.Tests.Peers;

public class AllowedIpsTests
{
    [Fact]
    public void The_longest_prefix_decides_and_families_are_apart()
    {
        var table = Table(("0.0.0.0/0", "all"), ("10.0.0.0/8", "ten"), ("10.1.0.0/16", "one"), ("10.1.2.3/32", "host"), ("::/0", "six"),
            ("2001:db8::/32", "doc"), ("2001:db8::1/128", "first"));
        Assert.Equal("all", table.Find(Address("192.0.2.1")));
        Assert.Equal("ten", table.Find(Address("10.2.0.1")));
        Assert.Equal("one", table.Find(Address("10.1.2.4")));
        Assert.Equal("host", table.Find(Address("10.1.2.3")));
        Assert.Equal("six", table.Find(Address("a00::1"))); // begins with the bits of 10/8
        Assert.Equal("doc", table.Find(Address("2001:db8::2")));
        Assert.Equal("first", table.Find(Address("2001:db8::1")));
        Assert.Null(Table(("10.0.0.0/8", "ten")).Find(Address("11.0.0.1")));
    }

    [Fact]
    public void A_prefix_that_is_given_to_another_moves()
    {
        var table = Table(("10.0.0.0/8", "a"), ("10.1.0.0/16", "a"));
        table.Add(Prefix("10.0.0.0/8"), "b");
        Assert.Equal(["10.1.0.0/16"], table.Of("a").Select(prefix => prefix.ToString()));
        Assert.Equal(["10.0.0.0/8"], table.Of("b").Select(prefix => prefix.ToString()));
        Assert.Equal(("b", "a"), (table.Find(Address("10.0.0.1")), table.Find(Address("10.1.0.1"))));
        Assert.False(table.Remove(Prefix("10.0.0.0/8"), "a"));
        Assert.Equal(2, table.Count);
    }

    [Fact]
    public void What_is_given_again_comes_last()
    {
        var table = Table(("10.0.0.0/8", "a"), ("10.1.0.0/16", "a"), ("::/0", "a"));
        table.Add(Prefix("10.0.0.0/8"), "a");
        Assert.Equal(["10.1.0.0/16", "::/0", "10.0.0.0/8"], table.Of("a").Select(prefix => prefix.ToString()));
    }

    [Fact]
    public void The_table_agrees_with_a_list() =>
        Prop.ForAll(Step.ListOf().ToArbitrary(), Address().ListOf().ToArbitrary(), (steps, probes) => Agrees(steps, probes))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(100));

    [Fact]
    public void A_hundred_thousand_prefixes_are_found_without_allocation()
    {
        var random = new Random(1);
        var table = new AllowedIps<string>();
        var owners = Enumerable.Range(0, 1000).Select(i => $"peer {i}").ToArray();
        var prefixes = new AllowedIp[100_000];
        for (var i = 0; i < prefixes.Length; i++)
        {
            IpAddress address = i % 2 == 0 ? new IPv4Address((uint)random.NextInt64()) : new IPv6Address((UInt128)random.NextInt64() << 64);
            prefixes[i] = new(address, random.Next(16, address.IsIPv6 ? 65 : 33));
            table.Add(prefixes[i], owners[i % owners.Length]);
        }
        Assert.Equal(prefixes.Distinct().Count(), table.Count);
        var missed = 0;
        void FindAll()
        {
            foreach (var prefix in prefixes)
                missed += table.Find(prefix.Address) is null ? 1 : 0;
        }
        FindAll();
        Allocations.AssertNone(prefixes.Length, FindAll);
        Assert.Equal(0, missed);

        foreach (var owner in owners)
            table.Clear(owner);
        Assert.Equal(0, table.Count);
        Assert.All(prefixes.Take(100), prefix => Assert.Null(table.Find(prefix.Address)));
    }

    private static bool Agrees(IEnumerable<(int Kind, AllowedIp Prefix, int Owner)> steps, IEnumerable<IpAddress> probes)
    {
        var table = new AllowedIps<string>();
        List<(AllowedIp Prefix, string Owner)> list = [];
        foreach (var (kind, prefix, number) in steps)
        {
            var owner = $"peer {number}";
            if (kind == 0)
            {
                var had = list.Remove((prefix, owner));
                Assert.Equal(had, table.Remove(prefix, owner));
            }
            else if (kind == 1)
            {
                list.RemoveAll(entry => entry.Owner == owner);
                table.Clear(owner);
            }
            else
            {
                list.RemoveAll(entry => entry.Prefix == prefix);
                list.Add((prefix, owner));
                table.Add(prefix, owner);
            }
        }
        Assert.Equal(list.Count, table.Count);
        foreach (var owner in Enumerable.Range(0, Owners).Select(number => $"peer {number}"))
            Assert.Equal(list.Where(entry => entry.Owner == owner).Select(entry => entry.Prefix), table.Of(owner));
        foreach (var prefix in list)
            Assert.Equal(prefix.Owner, table.OwnerOf(prefix.Prefix));
        foreach (var probe in probes.Concat(list.Select(entry => entry.Prefix.Address)))
        {
            var expected = list
                .Where(entry => probe.IsIPv6 == entry.Prefix.Address.IsIPv6 && new AllowedIp(probe, entry.Prefix.Length) == entry.Prefix)
                .OrderByDescending(entry => entry.Prefix.Length).Select(entry => entry.Owner).FirstOrDefault();
            Assert.Equal(expected, table.Find(probe));
        }
        return true;
    }

    private const int Owners = 4;

    // Few bits that differ, at both ends and in the middle, so that prefixes lie in one another.
    private static Gen<IpAddress> Address() =>
        from isIPv6 in Gen.Elements(true, false)
        from bits in Gen.Choose(0, 255)
        from shift in Gen.Choose(0, isIPv6 ? 15 : 3)
        select isIPv6 ? (IpAddress)new IPv6Address((UInt128)(uint)bits << (8 * shift)) : new IPv4Address((uint)bits << (8 * shift));

    private static Gen<(int Kind, AllowedIp Prefix, int Owner)> Step =>
        from kind in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Constant(1)), (12, Gen.Constant(2)))
        from address in Address()
        from length in Gen.Choose(0, address.IsIPv6 ? 128 : 32)
        from owner in Gen.Choose(0, Owners - 1)
        select (kind, new AllowedIp(address, length), owner);

    private static AllowedIps<string> Table(params ReadOnlySpan<(string Prefix, string Owner)> entries)
    {
        var table = new AllowedIps<string>();
        foreach (var (prefix, owner) in entries)
            table.Add(Prefix(prefix), owner);
        return table;
    }

    private static IpAddress Address(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    private static AllowedIp Prefix(string text) => text.Split('/') is [var address, var length]
        ? new(Address(address), int.Parse(length, System.Globalization.CultureInfo.InvariantCulture))
        : throw new FormatException(text);
}
