using System.Net;
using Qanat.Cli.Declarative;
using Qanat.Cli.Iproute2;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Tests.Declarative;

public sealed class ReconcilerTests : IDisposable
{
    private const string First = """
        network:
          version: 2
          tunnels:
            a:
              mode: ipip
              remote: 192.0.2.1
              addresses: [10.0.0.1/24, 10.0.1.1/24, "2001:db8::1/64"]
              routes:
                - {to: 10.8.0.0/16, via: 10.0.0.2}
                - {to: "2001:db8:8::/48", via: "2001:db8::2"}
            b: {mode: gre, remote: 192.0.2.2, key: 5, mtu: 1400}
        """;

    private readonly FakeHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void What_is_not_there_is_made_and_then_there_is_nothing_to_do()
    {
        Assert.Equal(
            [
                "+ tunnel a mode ipip remote 192.0.2.1",
                "+ address 10.0.0.1/24 dev a", "+ address 10.0.1.1/24 dev a", "+ address 2001:db8::1/64 dev a",
                "+ route 10.8.0.0/16 via 10.0.0.2 dev a", "+ route 2001:db8:8::/48 via 2001:db8::2 dev a",
                "+ tunnel b mode gre remote 192.0.2.2 key 5 mtu 1400",
            ],
            Apply(First));
        Assert.Equal(1400, _host.Get("b").Mtu);
        Assert.All(_host.List(), tunnel => Assert.True(tunnel.Up));
        Assert.Empty(Apply(First));
    }

    [Fact]
    public void Only_what_differs_is_touched()
    {
        Apply(First);
        _host.Done.Clear();
        var changes = Apply(First.Replace("key: 5", "key: {input: 5, output: 6}, ttl: 64").Replace("via: 10.0.0.2", "via: 10.0.0.3"));
        Assert.Equal(
            [
                "- route 10.8.0.0/16 via 10.0.0.2 dev a", "+ route 10.8.0.0/16 via 10.0.0.3 dev a",
                "~ tunnel b: ttl inherit -> 64, key 5 -> {input: 5, output: 6}",
            ],
            changes);
        Assert.Equal(["change b", "delete route 10.8.0.0/16", "add route 10.8.0.0/16"], _host.Done);
    }

    [Fact]
    public void The_device_alone_is_set_when_the_tunnel_stays_as_it_is()
    {
        Apply(First);
        _host.Done.Clear();
        Assert.Equal(["~ tunnel b: mtu 1400 -> 1300, up true -> false"], Apply(First.Replace("mtu: 1400", "mtu: 1300, up: false")));
        Assert.Equal(["link b"], _host.Done);
    }

    [Fact]
    public void An_MTU_that_the_file_does_not_name_stays_as_it_is()
    {
        Apply(First);
        Assert.Empty(Apply(First.Replace(", mtu: 1400", "")));
        Assert.Equal(1400, _host.Get("b").Mtu);
    }

    [Theory]
    [InlineData("remote: 192.0.2.1", "remote: any", "~ tunnel a: remote 192.0.2.1 -> any (made anew)")]
    [InlineData("mode: ipip", "mode: gre", "~ tunnel a: mode ipip -> gre (made anew)")]
    public void What_cannot_be_changed_in_place_is_said_to_be_made_anew_with_all_that_it_had(string from, string to, string line)
    {
        Apply(First);
        _host.Done.Clear();
        var changes = Apply(First.Replace(from, to));
        Assert.Equal(line, changes[0]);
        Assert.Equal(6, changes.Count);
        Assert.Equal(["delete a", "add a", "link a"], _host.Done.Take(3));
        Assert.Empty(Apply(First.Replace(from, to)));
        Assert.Equal(4, _host.Addresses([_host["a"]]).Count + _host.Routes().Count(route => route.Destination.PrefixLength == 16));
    }

    [Theory]
    [InlineData("mode: ip6ip6", "mode: ipip6", false)]
    [InlineData("mode: gretap, remote: any", "mode: gretap, remote: 192.0.2.1", false)]
    [InlineData("mode: gre, local: 192.0.2.9, remote: 224.1.1.1", "mode: gre, local: 192.0.2.9, remote: 224.1.1.1, ttl: 5", false)]
    [InlineData("mode: gre, local: 192.0.2.9, remote: 224.1.1.1", "mode: gre, local: 192.0.2.9, remote: 224.1.1.2", true)]
    [InlineData("mode: vxlan, id: 5", "mode: vxlan, id: 5, ageing: 9", false)]
    [InlineData("mode: vxlan, id: 5", "mode: vxlan, id: 6", true)]
    [InlineData("mode: l2tp, l2tp: {tunnel-id: 1, session-id: 2, peer-session-id: 3}",
        "mode: l2tp, l2tp: {tunnel-id: 1, session-id: 2, peer-session-id: 3, sequence: both}", false)]
    [InlineData("mode: l2tp, l2tp: {tunnel-id: 1, session-id: 2, peer-session-id: 3}",
        "mode: l2tp, l2tp: {tunnel-id: 1, session-id: 2, peer-session-id: 4}", true)]
    public void Whether_a_tunnel_is_made_anew_follows_the_kernel(string before, string after, bool anew)
    {
        Apply($"network: {{tunnels: {{t: {{{before}}}}}}}");
        var line = Assert.Single(Apply($"network: {{tunnels: {{t: {{{after}}}}}}}"));
        Assert.Equal(anew, line.EndsWith(" (made anew)", StringComparison.Ordinal));
    }

    [Fact]
    public void Tunnels_that_the_file_does_not_name_stay_unless_they_are_pruned()
    {
        Apply(First);
        const string second = "network: {tunnels: {b: {mode: gre, remote: 192.0.2.2, key: 5}}}";
        Assert.Empty(Apply(second));
        Assert.Equal(["- tunnel a"], Apply(second, prune: true));
        Assert.Equal("b", Assert.Single(_host.List()).Spec.Name);
    }

    [Fact]
    public void A_dry_run_changes_nothing()
    {
        Assert.Equal(7, new Reconciler(_host, _host).Compare(Documents.ReadAll(First), prune: false).Count);
        Assert.Empty(_host.Done);
    }

    [Fact]
    public void What_the_removal_of_the_last_address_takes_along_is_put_back()
    {
        Apply(First);
        var second = First.Replace("10.0.0.1/24, 10.0.1.1/24", "10.0.0.1/25");
        Apply(second);
        Assert.Contains(_host.Routes(), route => route.Destination.ToString() == "10.8.0.0/16");
        Assert.Empty(Apply(second));
    }

    [Fact]
    public void What_the_kernel_and_routing_protocols_made_is_left_alone()
    {
        Apply(First);
        _host.Give("a", Address("fe80::5", AddressFlags.Permanent));
        _host.Give("a", Address("2001:db8:1::5", AddressFlags.None));
        _host.Give("a", Route("10.0.0.0/24", RouteProtocol.Kernel, RouteTableId.Main));
        _host.Give("a", Route("10.77.0.0/16", (RouteProtocol)186, RouteTableId.Main)); // BGP's
        _host.Give("a", Route("10.0.0.1/32", RouteProtocol.Boot, RouteTableId.Local));
        _host.Give("eth0", Route("10.99.0.0/16", RouteProtocol.Static, RouteTableId.Main));
        Assert.Empty(Apply(First));
    }

    [Fact]
    public void What_somebody_added_by_hand_goes_again()
    {
        Apply(First);
        _host.Give("a", Address("10.3.3.3", AddressFlags.Permanent));
        _host.Give("a", Route("10.44.0.0/16", RouteProtocol.Boot, RouteTableId.Main));
        Assert.Equal(["- address 10.3.3.3/128 dev a", "- route 10.44.0.0/16 dev a"], Apply(First).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_refusal_is_told_and_keeps_nothing_else()
    {
        _host.Refused.Add("a");
        var reconciler = new Reconciler(_host, _host);
        var wanted = Documents.ReadAll(First);
        var refusals = reconciler.Apply(reconciler.Compare(wanted, prune: false), wanted, prune: false);
        Assert.Equal("add tunnel a: File exists: it is taken", Assert.Single(refusals));
        Assert.Equal(1400, _host.Get("b").Mtu);
        Assert.DoesNotContain("add address 10.0.0.1", _host.Done);
    }

    [Fact]
    public void A_device_that_is_no_tunnel_is_never_touched()
    {
        var failure = Assert.Throws<CommandFailure>(() => Apply("network: {tunnels: {eth0: {mode: ipip, remote: 192.0.2.1, mtu: 68}}}"));
        Assert.Equal("There is a device \"eth0\" already, which is not a tunnel of Qanat's.", failure.Message);
        Assert.Empty(_host.Done);
    }

    [Fact]
    public void Ten_thousand_tunnels_are_compared_in_one_pass()
    {
        var text = "network:\n  tunnels:\n" + string.Concat(Enumerable.Range(0, 10_000).Select(n => (Number: n, End: $"{n >> 8}.{n & 255}"))
            .Select(tunnel => $"    t{tunnel.Number}: {{mode: ipip, remote: 10.1.{tunnel.End}, addresses: [10.2.{tunnel.End}/32], " +
                $"routes: [{{to: 10.3.{tunnel.End}/32}}]}}\n"));
        var wanted = Documents.ReadAll(text);
        Assert.Equal(30_000, new Reconciler(_host, _host).Compare(wanted, prune: false).Count);
        foreach (var tunnel in wanted.Tunnels)
        {
            _host.Add(tunnel.Spec);
            _host.Give(tunnel.Name, tunnel.Addresses[0].ToKernel(0) with { Flags = AddressFlags.Permanent });
            _host.Give(tunnel.Name, tunnel.Routes[0].ToKernel(0));
        }
        _host.SetLinks([.. wanted.Tunnels.Select(tunnel => new LinkSettings(_host[tunnel.Name]) { Up = true }).Take(1)], (_, _) => { });
        Assert.Equal(9_999, new Reconciler(_host, _host).Compare(wanted, prune: true).Count);
    }

    private static InterfaceAddress Address(string text, AddressFlags flags) =>
        new() { InterfaceIndex = 0, Address = IPAddress.Parse(text), PrefixLength = 128, Flags = flags };

    private static Route Route(string to, RouteProtocol protocol, RouteTableId table) =>
        new() { Destination = IPNetwork.Parse(to), Protocol = protocol, Table = table, Scope = RouteScope.Link };

    // What was shown, after all of it was done without a refusal.
    private List<string> Apply(string text, bool prune = false)
    {
        var reconciler = new Reconciler(_host, _host);
        var wanted = Documents.ReadAll(text);
        var changes = reconciler.Compare(wanted, prune);
        Assert.Empty(reconciler.Apply(changes, wanted, prune));
        return [.. changes.Select(change => change.ToString())];
    }
}
