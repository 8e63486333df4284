using Qanat.Cli.Declarative;

namespace Qanat.Cli.Tests.Declarative;

/// <summary>UDP ports, tunnels of L2TP and forwarding tables: what tunnels need beside them.</summary>
public sealed class BesideTunnelsTests : IDisposable
{
    private const string Ports = """
        network:
          version: 2
          fou-ports:
            - {port: 5555, protocol: 4}
            - {port: 6080, type: gue, family: ipv6}
          tunnels: {}
        """;

    private const string L2tp = """
        network:
          l2tp-tunnels:
            - {tunnel-id: 1, peer-tunnel-id: 2, local: 192.0.2.1, remote: 192.0.2.2, source-port: 1701, port: 1701}
            - {tunnel-id: 3, peer-tunnel-id: 4, local: 192.0.2.1, remote: 192.0.2.2, encap: ip}
          tunnels:
            a: {mode: l2tp, l2tp: {tunnel-id: 1, session-id: 7, peer-session-id: 8}, addresses: [10.0.0.1/24]}
            b: {mode: l2tp, l2tp: {tunnel-id: 3, session-id: 9, peer-session-id: 9}}
        """;

    private const string Vxlan = """
        network:
          tunnels:
            v:
              mode: vxlan
              id: 5
              remote: 192.0.2.9
              fdb:
                - {macaddress: "00:00:00:00:00:00", remote: 192.0.2.2}
                - {macaddress: "00:00:00:00:00:00", remote: 192.0.2.3, port: 4789}
                - {macaddress: "02:00:00:00:00:01", remote: 192.0.2.3}
        """;

    private readonly FakeHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(Ports, "+ fou port 5555 protocol 4", "+ fou port 6080 type gue family ipv6")]
    [InlineData(
        L2tp, "+ l2tp tunnel-id 1 peer-tunnel-id 2 local 192.0.2.1 remote 192.0.2.2 source-port 1701 port 1701",
        "+ l2tp tunnel-id 3 peer-tunnel-id 4 local 192.0.2.1 remote 192.0.2.2 encap ip",
        "+ tunnel a mode l2tp l2tp {tunnel-id: 1, session-id: 7, peer-session-id: 8}", "+ address 10.0.0.1/24 dev a",
        "+ tunnel b mode l2tp l2tp {tunnel-id: 3, session-id: 9, peer-session-id: 9}")]
    [InlineData(
        Vxlan, "+ tunnel v mode vxlan remote 192.0.2.9 id 5", "+ fdb 00:00:00:00:00:00 remote 192.0.2.2 dev v",
        "+ fdb 00:00:00:00:00:00 remote 192.0.2.3 port 4789 dev v", "+ fdb 02:00:00:00:00:01 remote 192.0.2.3 dev v")]
    public void What_is_not_there_is_made_once_and_exported_as_it_is(string text, params string[] changes)
    {
        Assert.Equal(changes, Apply(text));
        Assert.Empty(Apply(text));
        Assert.Empty(Apply(text, prune: true));
        var exported = Documents.Text(HostState.Read(_host, _host).Document);
        Assert.Empty(Apply(exported, prune: true));
        Assert.Equal(exported, Documents.Text(Documents.ReadAll(exported)));
    }

    [Fact]
    public void Only_the_port_that_differs_is_made_anew()
    {
        Apply(Ports);
        _host.Done.Clear();
        Assert.Equal(["~ fou port 5555: protocol 4 -> 47 (made anew)"], Apply(Ports.Replace("protocol: 4", "protocol: 47")));
        Assert.Equal(["delete fou 5555", "add fou 5555"], _host.Done);
    }

    [Fact]
    public void What_the_file_does_not_name_stays_unless_it_is_pruned()
    {
        Apply(Ports);
        Apply(L2tp);
        Assert.Empty(Apply("network: {tunnels: {}}"));
        Assert.Equal(
            ["- tunnel a", "- tunnel b", "- l2tp tunnel-id 1", "- l2tp tunnel-id 3", "- fou port 5555", "- fou port 6080 family ipv6"],
            Apply("network: {tunnels: {}}", prune: true));
        Assert.Empty(_host.ListFouPorts());
        Assert.Empty(_host.ListL2tpTunnels());
    }

    [Fact]
    public void A_tunnel_of_L2TP_that_a_session_of_the_file_needs_is_not_pruned()
    {
        Apply(L2tp);
        var (first, second) = (L2tp.IndexOf("  tunnels:", StringComparison.Ordinal), L2tp.IndexOf("    b:", StringComparison.Ordinal));
        var sessions = "network:\n" + L2tp[first..second];
        Assert.Equal(["- tunnel b", "- l2tp tunnel-id 3"], Apply(sessions, prune: true));
    }

    [Fact]
    public void Sessions_are_made_anew_with_the_tunnel_of_L2TP_that_they_belong_to()
    {
        Apply(L2tp);
        _host.Done.Clear();
        Assert.Equal(
            ["~ l2tp tunnel-id 1: port 1701 -> 1702 (made anew)", "~ tunnel a (made anew)", "+ address 10.0.0.1/24 dev a"],
            Apply(L2tp.Replace(", port: 1701", ", port: 1702")));
        Assert.Equal(["delete a", "delete l2tp 1", "add l2tp 1", "add a", "link a", "add address 10.0.0.1"], _host.Done);
    }

    [Fact]
    public void A_session_that_the_file_does_not_name_comes_back_as_it_was()
    {
        Apply(L2tp);
        Apply(L2tp[..L2tp.IndexOf("  tunnels:", StringComparison.Ordinal)].Replace(", port: 1701", ", port: 1702") + "  tunnels: {}");
        Assert.Equal((uint)7, _host.Get("a").Spec.L2tp!.SessionId);
        Assert.Single(_host.Addresses([_host["a"]]));
        Assert.Empty(Apply(L2tp.Replace(", port: 1701", ", port: 1702")));
    }

    [Fact]
    public void An_Ethernet_address_gets_another_destination_in_one_step_and_a_group_one_at_a_time()
    {
        Apply(Vxlan);
        _host.Done.Clear();
        var changes = Apply(Vxlan.Replace("\"02:00:00:00:00:01\", remote: 192.0.2.3", "\"02:00:00:00:00:01\", remote: 192.0.2.4")
            .Replace("192.0.2.2}", "192.0.2.5}"));
        Assert.Equal(
            [
                "- fdb 00:00:00:00:00:00 remote 192.0.2.2 dev v", "- fdb 02:00:00:00:00:01 remote 192.0.2.3 dev v",
                "+ fdb 00:00:00:00:00:00 remote 192.0.2.5 dev v", "+ fdb 02:00:00:00:00:01 remote 192.0.2.4 dev v",
            ],
            changes);
        Assert.Equal(
            [
                "delete fdb 00:00:00:00:00:00 192.0.2.2", "append fdb 00:00:00:00:00:00 192.0.2.5",
                "replace fdb 02:00:00:00:00:01 192.0.2.4",
            ],
            _host.Done);
    }

    [Fact]
    public void What_was_learnt_and_what_routing_protocols_put_into_a_forwarding_table_is_left_alone()
    {
        Apply(Vxlan);
        _host.AddFdb("v", "add", new() { Mac = "02:00:00:00:00:07", Dst = "192.0.2.7", State = "dynamic" });
        _host.AddFdb("v", "add", new() { Mac = "02:00:00:00:00:08", Dst = "192.0.2.8", ExternLearn = true });
        _host.AddFdb("v", "add", new() { Mac = "02:00:00:00:00:09", Dst = "192.0.2.9", State = "static", Used = 9, Updated = 9 });
        Assert.Equal(["- fdb 02:00:00:00:00:09 remote 192.0.2.9 state static dev v"], Apply(Vxlan));
    }

    [Fact]
    public void A_tunnel_made_anew_gets_its_forwarding_table_again()
    {
        Apply(Vxlan);
        Assert.Equal(4, Apply(Vxlan.Replace("id: 5", "id: 6")).Count);
        Assert.Equal(3, HostState.Read(_host, _host).Find("v")!.Forwarding.Count);
    }

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
