namespace Qanat.Cli.Tests.Declarative;

public class DocumentReaderTests
{
    [Theory]
    [InlineData("", "1:1: the file is empty; a mapping with the key \"network\" is expected")]
    [InlineData("5", "1:1: the file: a mapping with the key \"network\" is expected rather than \"5\"")]
    [InlineData("network: {version: 2}", "1:10: network: the key \"tunnels\" is expected, and missing")]
    [InlineData("network: {version: 3, tunnels: {}}", "1:20: version: 2 is expected rather than \"3\"")]
    [InlineData("network: {renderer: networkd, tunnels: {}}", "1:11: network: there is no key \"renderer\"; is \"tunnels\" meant?")]
    [InlineData("network:\n  tunnels: [a]", "2:12: tunnels: a mapping of names to tunnels is expected rather than a list")]
    [InlineData("network:\n  tunnels:\n\ta: {mode: gre}\n",
        "3:1: this is not YAML: while scanning a mapping, found invalid tab as indentation")]
    [InlineData("network: {tunnels: {a: {mode: gre, keys: {out: 1}}}}", "1:43: key: there is no key \"out\"; is \"output\" meant?")]
    [InlineData("network:\n  tunnels: {a: [}", "2:17: this is not YAML: while parsing a node, did not find expected node content")]
    [InlineData("network: {tunnels: {a: *b}}", "1:24: this is not YAML: there is no anchor \"b\" before this alias")]
    [InlineData("network: {tunnels: {}}\n---\nnetwork: {}", "2:1: a second document begins here; one is expected")]
    [InlineData("network: {tunnels: {t: {mode: ipip}, t: {mode: gre}}}", "1:38: the key \"t\" is here a second time; once is expected")]
    [InlineData("network: {tunnels: {t: {mode: ipip, [a]: 5}}}", "1:37: a key is expected rather than a list")]
    [InlineData("network: {tunnels: {t: }}", "1:24: t: a mapping with the key \"mode\" is expected rather than nothing")]
    [InlineData("network: {tunnels: {t: {ttl: 5}}}", "1:21: t: the key \"mode\" is expected, and missing")]
    [InlineData("network: {tunnels: {a/b: {mode: gre}}}",
        "1:21: tunnels: a name of at most 15 bytes without slash, colon, percent sign or space is expected rather than \"a/b\"")]
    [InlineData("network: {tunnels: {}, fou-port: []}", "1:24: network: there is no key \"fou-port\"; is \"fou-ports\" meant?")]
    [InlineData("network: {tunnels: {}, fou-ports: 5}", "1:35: fou-ports: a list is expected rather than \"5\"")]
    [InlineData("network: {tunnels: {}, fou-ports: [5]}", "1:36: fou-ports: a mapping with the key \"port\" is expected rather than \"5\"")]
    [InlineData("network: {tunnels: {}, fou-ports: [{protocol: 4}]}", "1:36: fou-ports: the key \"port\" is expected, and missing")]
    [InlineData("network: {tunnels: {}, fou-ports: [{port: 0, protocol: 4}]}",
        "1:43: port: a number from 1 to 65535 is expected rather than \"0\"")]
    [InlineData("network: {tunnels: {}, fou-ports: [{port: 5, protocol: ipip}]}",
        "1:56: protocol: a number from 1 to 255 is expected rather than \"ipip\"")]
    [InlineData("network: {tunnels: {}, fou-ports: [{port: 5}]}",
        "1:36: fou-ports: the key \"protocol\" is expected, and missing; with \"type: gue\" there is none")]
    [InlineData("network: {tunnels: {}, fou-ports: [{port: 5, type: gue, protocol: 4}]}",
        "1:36: protocol: none is expected beside \"type: gue\", for the GUE header tells it")]
    [InlineData("network: {tunnels: {}, fou-ports: [{port: 5, type: gue, peer: 192.0.2.1}]}",
        "1:36: fou-ports: \"peer\" and \"peer-port\" are expected together")]
    [InlineData("network: {tunnels: {}, fou-ports: [{port: 5, type: gue, family: ipv4, local: '::1'}]}",
        "1:36: fou-ports: addresses of one family are expected, and ::1 is of the other")]
    [InlineData("network: {tunnels: {}, fou-ports: [{port: 5, type: gue}, {port: 5, protocol: 4}]}",
        "1:58: fou-ports: port 5 is here a second time; once is expected")]
    [InlineData("network: {tunnels: {}, l2tp-tunnels: {}}", "1:38: l2tp-tunnels: a list is expected rather than a mapping")]
    [InlineData("network: {tunnels: {}, l2tp-tunnels: [5]}", "1:39: l2tp-tunnels: " +
        "a mapping with the keys tunnel-id, peer-tunnel-id, local, remote is expected rather than \"5\"")]
    [InlineData("network: {tunnels: {}, l2tp-tunnels: [{tunnel-id: 1}]}",
        "1:39: l2tp-tunnels: the key \"peer-tunnel-id\" is expected, and missing")]
    [InlineData("network: {tunnels: {}, l2tp-tunnels: [{tunnel-id: 1, peer-tunnel-id: 1, local: 192.0.2.1, remote: 192.0.2.2}]}",
        "1:39: l2tp-tunnels: the key \"source-port\" is expected, and missing")]
    [InlineData("network: {tunnels: {}, l2tp-tunnels: [{tunnel-id: 1, peer-tunnel-id: 1, local: 192.0.2.1, remote: '::1', encap: ip}]}",
        "1:39: remote: an address of the family of 192.0.2.1 is expected rather than ::1")]
    [InlineData("network: {tunnels: {}, l2tp-tunnels: [{tunnel-id: 1, peer-tunnel-id: 1, local: 10.0.0.1, remote: 10.0.0.2, encap: ip, " +
        "port: 5}]}", "1:39: l2tp-tunnels: no ports are expected beside \"encap: ip\"")]
    public void What_is_wrong_with_a_document_is_said_with_its_place(string text, string mistake) =>
        Assert.Equal(["f.yaml:" + mistake], Documents.Mistakes(text));

    [Theory]
    [InlineData("mode: grf", "mode: one of ipip, gre, gretap, sit, isatap, vti, minimal, ip6ip6, ipip6, ip6any, ip6gre, ip6gretap, vti6, " +
        "vxlan, l2tp is expected rather than \"grf\"")]
    [InlineData("mode: ipip, remot: 192.0.2.1", "t: there is no key \"remot\"; is \"remote\" meant?")]
    [InlineData("mode: ipip, Adresses: []", "t: there is no key \"Adresses\"; is \"addresses\" meant?")]
    [InlineData("mode: ipip, key: 5",
        "t: the mode ipip has no \"key\"; a key of that mode is expected (key is for gre, gretap, vti, ip6gre, ip6gretap, vti6)")]
    [InlineData("mode: gre, key: 5, keys: 5", "t: \"keys\" is another name of \"key\", which is here; one of them is expected")]
    [InlineData("mode: ipip, remote: '2001:db8::1'", "remote: an IPv4 address, or any, is expected rather than \"2001:db8::1\"")]
    [InlineData("mode: ip6gre, local: 192.0.2.1", "local: an IPv6 address, or any, is expected rather than \"192.0.2.1\"")]
    [InlineData("mode: vxlan, id: 5, local: foo", "local: an IPv4 or IPv6 address, or any, is expected rather than \"foo\"")]
    [InlineData("mode: ipip, ttl: 256", "ttl: a number from 1 to 255, or inherit, is expected rather than \"256\"")]
    [InlineData("mode: ipip, ttl: [5]", "ttl: a number from 1 to 255, or inherit, is expected rather than a list")]
    [InlineData("mode: ipip, tos: 3", "tos: an even number from 0 to 254, inherit, or inherit/NUMBER, is expected rather than \"3\"")]
    [InlineData("mode: ip6ip6, tos: 256", "tos: a number from 0 to 255, inherit, or inherit/NUMBER, is expected rather than \"256\"")]
    [InlineData("mode: ipip, pmtudisc: maybe", "pmtudisc: true or false is expected rather than \"maybe\"")]
    [InlineData("mode: ipip, dev: eth0/1", "dev: the name of a network device is expected rather than \"eth0/1\"")]
    [InlineData("mode: gre, key: x", "key: a number of 32 bits, or a dotted quad, is expected rather than \"x\"")]
    [InlineData("mode: gre, key: {inputt: 5}", "key: there is no key \"inputt\"; is \"input\" meant?")]
    [InlineData("mode: gre, checksum: 5", "checksum: true or false is expected rather than \"5\"")]
    [InlineData("mode: gre, sequence: {output: 5}", "output: true or false is expected rather than \"5\"")]
    [InlineData("mode: sit, 6rd: {prefix: '2001:db8::1/32'}",
        "prefix: an IPv6 prefix such as 2001:db8::/32 is expected rather than \"2001:db8::1/32\"")]
    [InlineData("mode: sit, 6rd: {relay-prefix: 10.0.0.0}",
        "relay-prefix: an IPv4 prefix such as 10.0.0.0/8 is expected rather than \"10.0.0.0\"")]
    [InlineData("mode: sit, 6rd: 5", "6rd: a mapping of prefix, relay-prefix is expected rather than \"5\"")]
    [InlineData("mode: isatap, routers: [0.0.0.0]", "routers: an IPv4 address is expected rather than \"0.0.0.0\"")]
    [InlineData("mode: isatap, routers: [{default: true}]", "routers: the key \"address\" is expected, and missing")]
    [InlineData("mode: isatap, routers: [192.0.2.1, 192.0.2.1]", "routers: 192.0.2.1 is here a second time; once is expected")]
    [InlineData("mode: ip6ip6, encap-limit: 256", "encap-limit: a number from 0 to 255, or none, is expected rather than \"256\"")]
    [InlineData("mode: ip6ip6, flow-label: 0x100000",
        "flow-label: a number from 0 to 1048575, or inherit, is expected rather than \"0x100000\"")]
    [InlineData("mode: ipip, encap: {type: fou}", "encap: the key \"port\" is expected, and missing")]
    [InlineData("mode: ipip, encap: {type: fuo, port: 5}", "type: fou or gue is expected rather than \"fuo\"")]
    [InlineData("mode: vxlan", "t: the key \"id\" is expected, and missing")]
    [InlineData("mode: vxlan, id: 16777216", "id: a number from 1 to 16777215 is expected rather than \"16777216\"")]
    [InlineData("mode: vxlan, id: 5, port-range: [9, 8]", "port-range: the lowest port first is expected rather than 9 before 8")]
    [InlineData("mode: vxlan, id: 5, port-range: [9]",
        "port-range: a list of the lowest and the highest port is expected rather than a list")]
    [InlineData("mode: vxlan, id: 5, checksums: [tcp]", "checksums: udp, zero-udp6-tx or zero-udp6-rx is expected rather than \"tcp\"")]
    [InlineData("mode: vxlan, id: 5, link: eth0, local: 192.0.2.1, remote: 'ff02::1'",
        "remote: an address of the family of 192.0.2.1 is expected rather than ff02::1")]
    [InlineData("mode: vxlan, id: 5, fdb: [x]", "fdb: a mapping with the keys macaddress, remote is expected rather than \"x\"")]
    [InlineData("mode: vxlan, id: 5, fdb: [{macaddress: '02:00:00:00:00:01'}]", "fdb: the key \"remote\" is expected, and missing")]
    [InlineData("mode: vxlan, id: 5, fdb: [{macaddress: '02:00:00:00:00', remote: 192.0.2.1}]",
        "macaddress: an Ethernet address such as 02:00:00:00:00:01, in quotes, is expected rather than \"02:00:00:00:00\"")]
    [InlineData("mode: vxlan, id: 5, fdb: [{macaddress: '02:00:00:00:00:01', remote: any}]",
        "remote: an IPv4 or IPv6 address is expected rather than \"any\"")]
    [InlineData("mode: vxlan, id: 5, fdb: [{macaddress: '02:00:00:00:00:01', remote: '::1'}]",
        "remote: an address of the tunnel's family is expected rather than ::1")]
    [InlineData("mode: vxlan, id: 5, fdb: [{macaddress: '02:00:00:00:00:01', remote: 192.0.2.1, state: dynamic}]",
        "state: permanent or static is expected rather than \"dynamic\"")]
    [InlineData("mode: vxlan, id: 5, remote: 192.0.2.1, fdb: [{macaddress: '00:00:00:00:00:00', remote: 192.0.2.1}]",
        "fdb: the tunnel's own remote 192.0.2.1 has this entry already; another is expected")]
    [InlineData("mode: vxlan, id: 5, fdb: [{macaddress: '02:00:00:00:00:01', remote: 192.0.2.1}, " +
        "{macaddress: '02:00:00:00:00:01', remote: 192.0.2.2}]", "fdb: 02:00:00:00:00:01 is here a second time; once is expected")]
    [InlineData("mode: vxlan, id: 5, fdb: [{macaddress: '00:00:00:00:00:00', remote: 192.0.2.1}, " +
        "{macaddress: '00:00:00:00:00:00', remote: 192.0.2.1, port: 8472}]",
        "fdb: 00:00:00:00:00:00 remote 192.0.2.1 is here a second time; once is expected")]
    [InlineData("mode: ipip, fdb: []", "t: the mode ipip has no \"fdb\"; a key of that mode is expected (fdb is for vxlan)")]
    [InlineData("mode: l2tp", "t: the key \"l2tp\" is expected, and missing")]
    [InlineData("mode: l2tp, l2tp: {tunnel-id: 1, session-id: 1}", "l2tp: the key \"peer-session-id\" is expected, and missing")]
    [InlineData("mode: l2tp, l2tp: {tunnel-id: 1, session-id: 1, peer-session-id: 1, cookie: 12}",
        "cookie: 8 or 16 hexadecimal digits, in quotes, is expected rather than \"12\"")]
    [InlineData("mode: ipip, ttl: 5, pmtudisc: false", "pmtudisc: true is expected, for there is a ttl, which implies it")]
    [InlineData("mode: gre, remote: 224.1.1.1", "remote: with the group 224.1.1.1, a \"local\" address is expected, and missing")]
    [InlineData("mode: gre, ignore-df: true", "ignore-df: \"pmtudisc: false\" is expected beside it, for both decide on DF")]
    [InlineData("mode: vxlan, id: 5, remote: 239.1.1.1",
        "remote: with the group 239.1.1.1, a \"link\" to reach it by is expected, and missing")]
    [InlineData("mode: ipip, mtu: 67", "mtu: a number from 68 to 65535 is expected rather than \"67\"")]
    [InlineData("mode: ipip, up: false, routes: [{to: default}]", "routes: none is expected while the device is not up")]
    [InlineData("mode: ipip, addresses: 10.0.0.1/24", "addresses: a list of addresses is expected rather than \"10.0.0.1/24\"")]
    [InlineData("mode: ipip, addresses: [10.0.0.1]",
        "addresses: an address with the length of its prefix, such as 10.0.0.1/24, is expected rather than \"10.0.0.1\"")]
    [InlineData("mode: ipip, addresses: [10.0.0.1/33]",
        "addresses: an address with the length of its prefix, such as 10.0.0.1/24, is expected rather than \"10.0.0.1/33\"")]
    [InlineData("mode: ipip, addresses: [10.0.0.1/24: 5]", "10.0.0.1/24: a mapping of peer, label, lifetime is expected rather than \"5\"")]
    [InlineData("mode: ipip, addresses: [10.0.0.1/24: {lifetime: 5}]", "lifetime: forever or 0 is expected rather than \"5\"")]
    [InlineData("mode: ipip, addresses: [10.0.0.1/32: {peer: '::1'}]",
        "peer: an address of the family of 10.0.0.1 is expected rather than ::1")]
    [InlineData("mode: ipip, addresses: [10.0.0.1/24, 10.0.0.1/24]", "addresses: 10.0.0.1/24 is here a second time; once is expected")]
    [InlineData("mode: ipip, routes: [10.0.0.0/8]", "routes: a mapping with the key to is expected rather than \"10.0.0.0/8\"")]
    [InlineData("mode: ipip, routes: [{via: 10.0.0.1}]", "routes: the key \"to\" is expected, and missing")]
    [InlineData("mode: ipip, routes: [{to: 10.0.0.1/8}]",
        "to: a destination such as 10.0.0.0/8 without bits beyond its prefix, or default, is expected rather than \"10.0.0.1/8\"")]
    [InlineData("mode: ipip, routes: [{to: 10.0.0.0/8, table: 255}]",
        "table: a number from 1 to 4294967295 other than 255, which is the kernel's, is expected rather than \"255\"")]
    [InlineData("mode: ipip, routes: [{to: 10.0.0.0/8, type: blackhole}]",
        "type: unicast, local, broadcast, multicast or anycast is expected rather than \"blackhole\"")]
    [InlineData("mode: ipip, routes: [{to: 10.0.0.0/8, on-link: true}]",
        "on-link: it says that the gateway is on the link, so \"via\" is expected as well")]
    [InlineData("mode: ipip, routes: [{to: '2001:db8::/32', via: 10.0.0.1}]", "via: an IPv6 address is expected rather than 10.0.0.1")]
    [InlineData("mode: ipip, routes: [{to: 10.0.0.0/8, from: '::1'}]",
        "from: an address of the family of 10.0.0.0/8 is expected rather than ::1")]
    [InlineData("mode: ipip, routes: [{to: 10.0.0.0/8}, {to: 10.0.0.0/8}]", "routes: 10.0.0.0/8 is here a second time; once is expected")]
    public void What_is_wrong_with_a_tunnel_is_said_in_a_line(string keys, string mistake)
    {
        var line = Assert.Single(Documents.Mistakes($"network: {{tunnels: {{t: {{{keys}}}}}}}"));
        Assert.Matches(@"^f\.yaml:1:\d+: ", line);
        Assert.Equal(mistake, line[(line.IndexOf(' ') + 1)..]);
    }

    [Fact]
    public void Every_mistake_has_its_line_in_the_order_of_the_file_and_the_last_counts_those_that_are_not_shown()
    {
        var tunnels = string.Concat(Enumerable.Range(0, 25).Select(n => $"    t{n}:\n      mode: ipip\n      ttl: {n + 300}\n"));
        var lines = Documents.Mistakes("network:\n  tunnels:\n" + tunnels);
        Assert.Equal(21, lines.Length);
        Assert.Equal("f.yaml:5:12: ttl: a number from 1 to 255, or inherit, is expected rather than \"300\"", lines[0]);
        Assert.StartsWith("f.yaml:8:12: ", lines[1]);
        Assert.Equal("f.yaml: and 5 more", lines[20]);
    }

    [Fact]
    public void An_alias_stands_for_what_its_anchor_was_set_to()
    {
        var tunnels = Documents.Read("""
            network:
              tunnels:
                a: {mode: ipip, remote: 192.0.2.1, routes: &r [{to: 10.0.0.0/8}]}
                b: {mode: ipip, remote: 192.0.2.2, routes: *r}
            """);
        Assert.Equal(tunnels[0].Routes, tunnels[1].Routes);
    }

    [Fact]
    public void What_is_nested_too_deep_is_refused_before_it_costs_a_stack()
    {
        var line = Assert.Single(Documents.Mistakes("network: " + new string('[', 100_000)));
        Assert.EndsWith("this is not YAML: it is nested too deep", line);
    }

    [Fact]
    public void Broken_text_of_any_kind_is_a_mistake_and_no_crash()
    {
        const string whole = "network: {version: 2, tunnels: {t: {mode: gre, key: {input: 5}, addresses: [10.0.0.1/24: {label: x}], " +
            "routes: [{to: default}]}}}";
        const string noise = "{}[]:,&*!|>'\"%@`-?# \n\tx5\0\uD800";
        var random = new Random(8);
        for (var n = 0; n < 3000; n++)
        {
            var text = whole.ToCharArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                text[random.Next(text.Length)] = noise[random.Next(noise.Length)];
            try
            {
                Documents.Read(new string(text));
            }
            catch (Qanat.Cli.Iproute2.CommandFailure failure)
            {
                Assert.StartsWith("f.yaml:", failure.Message);
            }
        }
    }
}
