using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Cli.Declarative;
using Qanat.Cli.Declarative.Keys;
using Qanat.Cli.Declarative.Yaml;
using Qanat.Daemon.Api;
using Qanat.Testing;
using Qanat.Tunnels;

namespace Qanat.Cli.Tests.Declarative;

public class KeysTests
{
    [Fact]
    public void The_file_has_a_word_for_every_mode_of_the_engine() => Assert.Equal(
        Enum.GetNames<TunnelMode>().Select(name => name.ToLowerInvariant()).Order(StringComparer.Ordinal),
        ModeSets.AllWords.Order(StringComparer.Ordinal));

    [Fact]
    public void Every_key_of_ipip_reaches_the_daemon()
    {
        var tunnel = Documents.Tunnel(
            "mode: ipip, local: 192.0.2.1, remote: 192.0.2.2, dev: eth0, inner: any, ttl: 64, tos: 0x10, mark: 7, mtu: 1400, up: no, " +
            "encap: {type: gue, port: 5555, source-port: 6666, checksum: true, checksum6: false, remote-checksum: on}");
        Assert.Equal(
            new TunnelSpec
            {
                Name = "t", Mode = "ipip", Local = "192.0.2.1", Remote = "192.0.2.2",
                Dev = "eth0", Inner = "any", Ttl = 64, Tos = 0x10, Mark = 7,
                Encap = new()
                {
                    Type = "gue", DestinationPort = 5555, SourcePort = 6666, Checksum = true, Checksum6 = false, RemoteChecksum = true,
                },
            },
            tunnel.Spec);
        Assert.Equal((1400, false), (tunnel.Mtu, tunnel.Up));
    }

    [Theory]
    [InlineData("key: 5", 5u, 5u)]
    [InlineData("key: 0.0.1.0", 256u, 256u)]
    [InlineData("keys: {input: 1, output: 0xffffffff}", 1u, uint.MaxValue)]
    [InlineData("keys: {output: 7}", null, 7u)]
    public void A_key_is_for_both_ways_or_each_has_its_own(string keys, uint? input, uint? output)
    {
        var gre = Documents.Tunnel($"mode: gre, {keys}").Spec.Gre!;
        Assert.Equal((input, output), (gre.InputKey, gre.OutputKey));
    }

    [Fact]
    public void Checksums_and_sequence_numbers_go_each_way_apart()
    {
        var gre = Documents.Tunnel("mode: gretap, checksum: true, sequence: {output: yes}, ignore-df: true, pmtudisc: false").Spec;
        Assert.Equal(new() { InputChecksum = true, OutputChecksum = true, OutputSequence = true }, gre.Gre);
        Assert.True(gre.IgnoreDf);
    }

    [Theory]
    [InlineData("tos: inherit", 1)]
    [InlineData("tos: inherit/0x10", 0x11)]
    [InlineData("tos: 16", 16)]
    public void TOS_may_be_inherited(string keys, byte tos) => Assert.Equal(tos, Documents.Tunnel($"mode: ipip, {keys}").Spec.Tos);

    [Fact]
    public void Sit_has_the_prefixes_of_6rd_and_isatap_its_routers()
    {
        var sit = Documents.Tunnel("mode: sit, 6rd: {prefix: '2001:db8::/32', relay-prefix: 10.0.0.0/8}").Spec.Sit!;
        Assert.Equal(("2001:db8::/32", "10.0.0.0/8"), (sit.Prefix, sit.RelayPrefix));
        var routers = Documents.Tunnel("mode: isatap, routers: [192.0.2.1, {address: 192.0.2.2, default: true}]").Spec.Sit!.Routers;
        Assert.Equal([new() { Address = "192.0.2.1" }, new() { Address = "192.0.2.2", Default = true }], routers);
    }

    [Fact]
    public void Tunnels_over_IPv6_have_a_hop_limit_of_64_and_an_encapsulation_limit_of_4_unless_told()
    {
        var usual = Documents.Tunnel("mode: ip6ip6, remote: '2001:db8::2'").Spec;
        Assert.Equal((64, (byte?)4), (usual.Ttl, usual.IPv6!.EncapLimit));
        var told = Documents.Tunnel(
            "mode: ip6ip6, ttl: inherit, tos: inherit/0x21, encap-limit: none, flow-label: inherit, copy-dscp: true").Spec;
        Assert.Equal((0, 0x21), (told.Ttl, told.Tos));
        Assert.Equal(new() { InheritTrafficClass = true, InheritFlowLabel = true, CopyDscp = true }, told.IPv6);
    }

    [Fact]
    public void VXLAN_has_netplans_keys()
    {
        var spec = Documents.Tunnel(
            "mode: vxlan, id: 5, link: eth0, remote: 239.1.1.1, port: 4789, port-range: [1000, 2000], mac-learning: false, aging: 60, " +
            "limit: 9, type-of-service: 16, checksums: [udp, zero-udp6-tx, zero-udp6-rx]").Spec;
        Assert.Equal(("eth0", "239.1.1.1", 16), (spec.Dev, spec.Remote, spec.Tos));
        Assert.Equal(
            new()
            {
                Id = 5, Port = 4789, SourcePortMin = 1000, SourcePortMax = 2000, Learning = false, Ageing = 60, MaxAddresses = 9,
                Checksum = true, NoChecksum6Tx = true, NoChecksum6Rx = true,
            },
            spec.Vxlan);
    }

    [Theory]
    [InlineData("", 0, false)]
    [InlineData(", ttl: 0", 0, false)]
    [InlineData(", ttl: inherit", 0, true)]
    [InlineData(", ttl: 9", 9, false)]
    public void The_TTL_of_VXLAN_is_the_hosts_unless_told(string keys, byte ttl, bool inherits)
    {
        var spec = Documents.Tunnel("mode: vxlan, id: 5" + keys).Spec;
        Assert.Equal((ttl, inherits), (spec.Ttl, spec.Vxlan!.InheritTtl));
    }

    [Fact]
    public void A_session_of_L2TP_has_its_identifiers_and_cookies()
    {
        var session = Documents.Tunnel(
            "mode: l2tp, l2tp: {tunnel-id: 1, session-id: 2, peer-session-id: 3, cookie: '01234567', peer-cookie: 89abcdef01234567, " +
            "l2spec-type: none, sequence: both}").Spec.L2tp;
        Assert.Equal(
            new()
            {
                TunnelId = 1, SessionId = 2, PeerSessionId = 3, Cookie = "01234567", PeerCookie = "89abcdef01234567",
                L2SpecificType = "none", Sequence = "both",
            },
            session);
    }

    [Fact]
    public void A_forwarding_entry_leaves_out_what_is_its_tunnels_own()
    {
        var entries = Documents.Tunnel("mode: vxlan, id: 5, port: 4789, fdb: [" +
            "{macaddress: '02:00:00:00:00:0A', remote: 192.0.2.2, port: 4789, id: 5}, " +
            "{macaddress: '00:00:00:00:00:00', remote: 192.0.2.3, port: 8472, id: 0, link: eth0, state: static, sticky: true}]").Forwarding;
        Assert.Equal(
            [
                new() { Mac = "02:00:00:00:00:0a", Dst = "192.0.2.2" },
                new() { Mac = "00:00:00:00:00:00", Dst = "192.0.2.3", Port = 8472, Vni = 0, Via = "eth0", State = "static", Sticky = true },
            ],
            entries);
    }

    [Fact]
    public void A_port_has_the_family_of_its_addresses_and_is_for_foo_over_UDP_unless_told()
    {
        var ports = Documents.ReadAll("network: {tunnels: {}, " +
            "fou-ports: [{port: 5555, protocol: 4}, {port: 6080, type: gue, family: ipv6}, " +
            "{port: 5555, protocol: 0x2f, local: '2001:DB8::1', peer: '2001:db8::2', peer-port: 7, dev: eth0}]}").FouPorts;
        Assert.Equal(
            [
                new() { Port = 5555, Protocol = 4 },
                new() { Port = 6080, Gue = true, Family = "inet6" },
                new()
                {
                    Port = 5555, Protocol = 47, Family = "inet6", Local = "2001:db8::1", Peer = "2001:db8::2", PeerPort = 7, Dev = "eth0",
                },
            ],
            ports);
    }

    [Fact]
    public void A_tunnel_of_L2TP_is_over_UDP_unless_told()
    {
        var tunnels = Documents.ReadAll("network: {tunnels: {}, l2tp-tunnels: [" +
            "{tunnel-id: 1, peer-tunnel-id: 2, local: 192.0.2.1, remote: 192.0.2.2, source-port: 1701, port: 1702, checksum: true}, " +
            "{tunnel-id: 3, peer-tunnel-id: 4, local: '2001:db8::1', remote: '2001:db8::2', encap: ip, " +
            "checksum6-tx: no, checksum6-rx: no}]}")
            .L2tpTunnels;
        Assert.Equal(
            [
                new()
                {
                    TunnelId = 1, PeerTunnelId = 2, Local = "192.0.2.1", Remote = "192.0.2.2", SourcePort = 1701, DestinationPort = 1702,
                    UdpChecksum = true,
                },
                new()
                {
                    TunnelId = 3, PeerTunnelId = 4, Local = "2001:db8::1", Remote = "2001:db8::2", Encap = "ip", Udp6ChecksumTx = false,
                    Udp6ChecksumRx = false,
                },
            ],
            tunnels);
    }

    [Fact]
    public void What_tunnels_need_beside_them_is_read_as_it_was_written()
    {
        var host = new HostDocument
        {
            FouPorts =
            [
                new() { Port = 5555, Protocol = 4 },
                new() { Port = 6080, Gue = true, Family = "inet6", Local = "2001:db8::1", Dev = "yes" },
                new() { Port = 1, Protocol = 255, Peer = "192.0.2.1", PeerPort = 9 },
            ],
            L2tpTunnels =
            [
                new() { TunnelId = 1, PeerTunnelId = uint.MaxValue, Local = "192.0.2.1", Remote = "192.0.2.2", Encap = "ip" },
                new()
                {
                    TunnelId = 2, PeerTunnelId = 1, Local = "::1", Remote = "::2", SourcePort = 1, DestinationPort = 2, UdpChecksum = true,
                    Udp6ChecksumRx = false, Udp6ChecksumTx = false,
                },
            ],
        };
        foreach (var text in new[] { Documents.Text(host), YamlWriter.Json(DocumentWriter.Write(host)) })
        {
            var read = Documents.ReadAll(text);
            Assert.Equal(host.FouPorts, read.FouPorts);
            Assert.Equal(host.L2tpTunnels, read.L2tpTunnels);
        }
    }

    [Fact]
    public void A_default_route_has_the_family_of_its_gateway()
    {
        var routes = Documents.Tunnel("mode: ipip, routes: [{to: default}, {to: default, via: 'fe80::1'}, {to: 192.0.2.7}]").Routes;
        Assert.Equal(["0.0.0.0/0", "::/0 via fe80::1", "192.0.2.7/32"], routes.Select(route => route.ToString()));
    }

    [Fact]
    public void Any_tunnel_that_is_written_is_read_as_the_same() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var tunnel = AnyTunnel.From(new Random(seed));
        var text = Documents.Text(tunnel);
        var read = Assert.Single(Documents.Read(text));
        Assert.Equal(text, Documents.Text(read));
        Assert.Equal(tunnel.Addresses, read.Addresses);
        Assert.Equal(tunnel.Routes, read.Routes);
        Assert.Equal(tunnel.Forwarding, read.Forwarding);
        Assert.Equal((tunnel.Mtu, tunnel.Up), (read.Mtu, read.Up));

        // JSON is YAML, and both are one document.
        Assert.Equal(text, Documents.Text(Documents.Read(YamlWriter.Json(DocumentWriter.Write(new HostDocument { Tunnels = [tunnel] })))));
        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_tunnel_differs_from_itself_in_nothing_and_from_another_of_its_mode_in_what_the_file_would_say() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var (one, other) = (AnyTunnel.From(random), AnyTunnel.From(random));
            return Says(one).SequenceEqual(Says(Documents.Read(Documents.Text(one))[0])) &&
                (one.Spec.Mode != other.Spec.Mode || Documents.Text(one) != Documents.Text(other) || Says(one).SequenceEqual(Says(other)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_reference_and_the_schema_have_every_key()
    {
        var reference = File.ReadAllText(Repository.PathOf("docs/apply.md"));
        Assert.All(TunnelKeys.Table.Names, name => Assert.Contains($"| `{name}", reference.Replace("`, `", "` |\n| `")));
        var schema = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("docs/apply.schema.json"))).RootElement.GetProperty("$defs");
        Assert.Equal(TunnelKeys.Table.Names.Order(StringComparer.Ordinal), Properties("tunnel"));
        Assert.Equal(RouteKeys.Table.Names.Order(StringComparer.Ordinal), Properties("route"));
        Assert.Equal(AddressKeys.Table.Names.Order(StringComparer.Ordinal), Properties("address"));
        Assert.Equal(ForwardingKeys.Table.Names.Order(StringComparer.Ordinal), Properties("forwarding"));
        Assert.Equal(FouKeys.Table.Names.Order(StringComparer.Ordinal), Properties("fou"));
        Assert.Equal(L2tpKeys.Table.Names.Order(StringComparer.Ordinal), Properties("l2tp"));
        foreach (var name in (string[])
            [.. RouteKeys.Table.Names, .. ForwardingKeys.Table.Names, .. FouKeys.Table.Names, .. L2tpKeys.Table.Names])
            Assert.Contains($"| `{name}` |", reference);

        IEnumerable<string> Properties(string name) => schema.GetProperty(name).GetProperty("properties").EnumerateObject()
            .Select(property => property.Name).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Says(HostTunnel tunnel) =>
        TunnelKeys.Of(tunnel.Mode).Select(key => $"{key.Key.Name} {(key.Key.Write(tunnel) is { } node ? YamlWriter.Line(node) : "")}");
}
