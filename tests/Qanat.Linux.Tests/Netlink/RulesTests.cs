using System.Net.Sockets;
using Qanat.Linux.Netlink;
using Qanat.Testing;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

public sealed class RulesTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly RouteNetlink _netlink;

    public RulesTests()
    {
        _host.Do("ip link add v0 type veth peer name v1");
        _netlink = _host.Netlink();
    }

    public void Dispose()
    {
        _netlink.Dispose();
        _host.Dispose();
    }

    // The left is what `ip rule add` is told, the right is the same rule in our words.
    private static (string Words, Rule Rule)[] Pairs =>
    [
        ("priority 10 from 10.1.0.0/16 to 10.2.3.4 table 100",
            new() { Priority = 10, From = Network("10.1.0.0/16"), To = Network("10.2.3.4/32"), Table = (RouteTableId)100 }),
        ("priority 11 fwmark 0x5/0xff table 70000", new() { Priority = 11, Mark = new(5, 0xFF), Table = (RouteTableId)70000 }),
        ("priority 12 fwmark 7 table local", new() { Priority = 12, Mark = new(7), Table = RouteTableId.Local }),
        ("priority 13 iif v0 oif v1 tos 0x10 table main",
            new() { Priority = 13, InputInterface = "v0", OutputInterface = "v1", Tos = 0x10 }),
        ("priority 14 not from 10.0.0.0/8 iif gone0 table 5", new()
            { Priority = 14, Invert = true, From = Network("10.0.0.0/8"), InputInterface = "gone0", Table = (RouteTableId)5 }),
        ("priority 15 ipproto udp sport 53 dport 1000-2000 uidrange 0-1000 table 5", new()
        {
            Priority = 15, IpProtocol = 17, SourcePorts = new(53, 53), DestinationPorts = new(1000, 2000), Users = new(0, 1000),
            Table = (RouteTableId)5,
        }),
        ("priority 16 table main suppress_prefixlength 0", new() { Priority = 16, SuppressPrefixLength = 0 }),
        ("priority 17 table main suppress_ifgroup 3", new() { Priority = 17, SuppressGroup = 3 }),
        ("priority 18 to 10.9.0.0/16 blackhole", new() { Priority = 18, To = Network("10.9.0.0/16"), Action = RuleAction.Blackhole }),
        ("priority 19 fwmark 1 unreachable", new() { Priority = 19, Mark = new(1), Action = RuleAction.Unreachable }),
        ("priority 20 fwmark 2 prohibit", new() { Priority = 20, Mark = new(2), Action = RuleAction.Prohibit }),
        ("priority 21 fwmark 3 goto 32766", new() { Priority = 21, Mark = new(3), Action = RuleAction.Goto, Target = 32766 }),
        ("priority 22 nop", new() { Priority = 22, Action = RuleAction.Nop }),
        ("priority 23 l3mdev protocol static",
            new() { Priority = 23, L3MasterDevice = true, Table = RouteTableId.Unspecified, Protocol = RouteProtocol.Static }),
        ("priority 24 fwmark 0/0x10 table 9", new() { Priority = 24, Mark = new(0, 0x10), Table = (RouteTableId)9 }),
    ];

    [Fact]
    public void Rules_that_ip_adds_are_read_and_those_that_we_add_are_what_ip_prints()
    {
        foreach (var (words, _) in Pairs)
            _host.Do($"ip rule add {words}");
        var printed = Printed("-d rule show");
        var read = Added();
        Assert.Equal(Pairs.Length, read.Count);
        foreach (var (expected, got) in Pairs.Zip(read))
            Assert.Equal(Complete(expected.Rule), got);

        foreach (var rule in read)
            _netlink.Rules.Delete(rule);
        Assert.Empty(Added());
        foreach (var (_, rule) in Pairs)
            _netlink.Rules.Add(rule);
        Assert.Equal(printed, Printed("-d rule show"));
        Assert.Equal(read, Added());
    }

    [Fact]
    public void IPv6_has_rules_of_its_own()
    {
        _host.Do("ip -6 rule add priority 10 from 2001:db8::/32 to 2001:db8:1::1 fwmark 1 table 70000");
        var printed = Printed("-6 -d rule show");
        var read = _netlink.Rules.List(AddressFamily.InterNetworkV6).Single(rule => rule.Priority == 10);
        Assert.Equal((Network("2001:db8::/32"), Network("2001:db8:1::1/128"), new RuleMark(1), (RouteTableId)70000),
            (read.From, read.To, read.Mark, read.Table));
        Assert.Empty(Added());
        _netlink.Rules.Delete(read);
        _netlink.Rules.Add(read);
        Assert.Equal(printed, Printed("-6 -d rule show"));
        Assert.Equal(_netlink.Rules.List().Concat(_netlink.Rules.List(AddressFamily.InterNetworkV6)).ToHashSet(),
            _netlink.Rules.List(AddressFamily.Unspecified).ToHashSet());
    }

    [Fact]
    public void What_is_not_said_is_chosen_when_adding_and_open_when_deleting()
    {
        var rule = new Rule { From = Network("10.0.0.0/8"), Table = (RouteTableId)77 };
        _netlink.Rules.Add(rule);
        var got = Assert.Single(Added());
        Assert.Equal(32765u, got.Priority);
        _netlink.Rules.Delete(rule);
        Assert.Empty(Added());
    }

    [Fact]
    public void Refusals_are_typed()
    {
        var rule = new Rule { Priority = 9, Mark = new(1) };
        var missing = Assert.Throws<LinuxException>(() => _netlink.Rules.Delete(rule));
        Assert.Equal((Errno.ENOENT, "delete rule 9"), (missing.Error, missing.Operation));
        _netlink.Rules.Add(rule);
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => _netlink.Rules.Add(rule)).Error);
        var backwards = new Rule { Priority = 9, Action = RuleAction.Goto, Target = 3 };
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => _netlink.Rules.Add(backwards)).Error);
        Assert.Equal(Errno.EINVAL,
            Assert.Throws<LinuxException>(() => _netlink.Rules.Add(rule with { DestinationPorts = new(9, 5) })).Error);
    }

    // As the kernel tells it: no table where nothing is looked up.
    private static Rule Complete(Rule rule) => rule.Action == RuleAction.Lookup ? rule : rule with { Table = RouteTableId.Unspecified };

    private List<Rule> Added() => [.. _netlink.Rules.List().Where(rule => rule.Protocol != RouteProtocol.Kernel)];

    private List<string> Printed(string command) =>
        [.. _host.IpJson(command).Select(rule => rule.GetRawText()).Order(StringComparer.Ordinal)];
}
