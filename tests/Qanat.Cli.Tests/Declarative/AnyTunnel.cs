using System.Net;
using Qanat.Cli.Declarative;
using Qanat.Daemon.Api;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Tests.Declarative;

/// <summary>Tunnels of every mode, with anything that the file can say.</summary>
internal static class AnyTunnel
{
    public static HostTunnel From(Random random)
    {
        string[] modes = [.. ModeSets.AllWords];
        var tunnel = HostTunnel.Default(Pick("t", "yes", "1", "-a", "null", "tun1", "a.b", "é", "x{y"), modes[random.Next(modes.Length)]);
        var (mode, spec) = (tunnel.Mode, tunnel.Spec);
        if ((mode & ModeSet.WithEnds) != 0)
        {
            var isIPv6 = (mode & ModeSet.OverIPv6) != 0;
            (spec.Local, spec.Remote) = (End(isIPv6, 1), End(isIPv6, 2));
            spec.Dev = Maybe() ? Pick("eth0", "no", "w@n") : null;
            spec.Tos = (byte)(isIPv6 ? random.Next(256) : random.Next(128) * 2);
            spec.Ttl = (byte)random.Next(256);
            if (isIPv6)
                spec.IPv6 = new() { InheritTrafficClass = Maybe(), EncapLimit = 4 };
            else if (Maybe())
                spec.Tos |= 1;
        }
        if ((mode & (ModeSet.OverIPv4 | ModeSet.OverIPv6)) != 0)
            spec.Mark = Maybe() ? Number() : 0;
        if ((mode & ModeSet.OverIPv4) != 0)
            spec.Pmtudisc = spec.Ttl != 0 || Maybe();
        if ((mode & (ModeSet.Gre | ModeSet.Gretap)) != 0)
            spec.IgnoreDf = !spec.Pmtudisc && Maybe();
        if ((mode & ModeSet.Keyed) != 0)
            spec.Gre = new() { InputKey = Maybe() ? Number() : null, OutputKey = Maybe() ? Number() : null };
        if ((mode & ModeSet.WithGre) != 0)
            spec.Gre = spec.Gre! with
            {
                InputChecksum = Maybe(), OutputChecksum = Maybe(), InputSequence = Maybe(), OutputSequence = Maybe(),
            };
        if (mode == ModeSet.Sit)
            spec.Sit = new() { Prefix = Pick("2002::/16", "2001:db8::/32"), RelayPrefix = Pick("0.0.0.0/0", "10.0.0.0/8") };
        if (mode == ModeSet.Isatap)
            spec.Sit = new() { Routers = [.. Enumerable.Range(1, random.Next(3)).Select(Router)] };
        if ((mode & ModeSet.OverIPv6) != 0 && mode != ModeSet.Vti6)
            spec.IPv6 = spec.IPv6! with
            {
                EncapLimit = Maybe() ? (byte)random.Next(256) : null, InheritFlowLabel = Maybe(), CopyDscp = Maybe(),
                AllowLocalRemote = Maybe(),
            };
        if ((mode & ModeSet.Encapsulable) != 0 && Maybe())
            spec.Encap = new()
            {
                Type = Pick("fou", "gue"), DestinationPort = Port(), SourcePort = Maybe() ? Port() : (ushort)0, Checksum = Maybe(),
                Checksum6 = Maybe(), RemoteChecksum = Maybe(),
            };
        if (mode == ModeSet.Vxlan)
        {
            var lowest = Maybe() ? Port() : (ushort)0;
            spec.Vxlan = new()
            {
                Id = (uint)random.Next(1, 1 << 24), Port = Port(), SourcePortMin = lowest, SourcePortMax = lowest, Learning = Maybe(),
                Ageing = random.Next(1000), MaxAddresses = random.Next(3), Checksum = Maybe(), NoChecksum6Tx = Maybe(),
                NoChecksum6Rx = Maybe(),
            };
            for (var n = random.Next(3); n > 0; n--)
                tunnel.Forwarding.Add(Forwarding(n));
        }
        if (spec.Vxlan is { } network && spec.Ttl == 0)
            network.InheritTtl = Maybe();
        if ((mode & (ModeSet.Ipip | ModeSet.Sit | ModeSet.Isatap)) != 0)
            spec.Inner = Maybe() ? Pick("any", "ipip") : null;
        if (mode == ModeSet.L2tp)
            spec.L2tp = new()
            {
                TunnelId = Number(), SessionId = Number(), PeerSessionId = Number(), Cookie = Maybe() ? "01234567" : null,
                PeerCookie = Maybe() ? "12345678" : null, L2SpecificType = Pick("default", "none"),
                Sequence = Pick("none", "send", "recv", "both"),
            };
        tunnel.Mtu = Maybe() ? random.Next(68, 65536) : null;
        tunnel.Up = Maybe();
        for (var n = random.Next(3); n > 0; n--)
            tunnel.Addresses.Add(Address(n));
        for (var n = tunnel.Up ? random.Next(3) : 0; n > 0; n--)
            tunnel.Routes.Add(Route(n));
        return tunnel;

        HostAddress Address(int n) => Maybe()
            ? new()
            {
                Address = IPAddress.Parse($"10.0.0.{n}"), PrefixLength = (byte)random.Next(33),
                Peer = Maybe() ? IPAddress.Parse("10.9.9.9") : null, Label = Maybe() ? Pick("t:1", "y", "5") : null, Deprecated = Maybe(),
            }
            : new() { Address = IPAddress.Parse($"2001:db8::{n}"), PrefixLength = (byte)random.Next(129) };

        HostRoute Route(int n)
        {
            var isIPv6 = Maybe();
            var via = Maybe() ? IPAddress.Parse(isIPv6 ? "2001:db8::9" : Pick("10.0.0.9", "fe80::1")) : null;
            return new HostRoute
            {
                To = IPNetwork.Parse(isIPv6 ? Pick("::/0", $"2001:db8:{n}::/48") : Pick("0.0.0.0/0", $"10.{n}.0.0/16")),
                Via = via,
                OnLink = via is not null && Maybe(),
                Metric = (uint)(n + random.Next(2) * 5000),
                Table = Maybe() ? RouteTableId.Main : (RouteTableId)Number(),
                Type = Maybe() ? RouteType.Unicast : RouteType.Multicast,
                Scope = Maybe() ? RouteScope.Link : null,
                From = Maybe() ? IPAddress.Parse(isIPv6 ? "2001:db8::1" : "10.0.0.1") : null,
                Tos = (byte)random.Next(256),
                Mtu = random.Next(3) * 700,
                CongestionWindow = (uint)random.Next(3),
                ReceiveWindow = (uint)random.Next(3),
                Mss = (uint)random.Next(3),
            }.Completed();
        }

        // As the daemon tells them: of a group or of one, and never what is the tunnel's own.
        FdbEntry Forwarding(int n) => new()
        {
            Mac = Pick("00:00:00:00:00:00", $"02:00:00:00:00:0{n}"), Dst = $"192.0.2.{n + 2}", Port = Maybe() ? Port() | 1 << 15 : null,
            Vni = Maybe() ? 0 : null, Via = Maybe() ? Pick("eth0", "on") : null, State = Pick("permanent", "static"), Sticky = Maybe(),
        };

        RouterSpec Router(int n) => new() { Address = $"192.0.2.{n}", Default = Maybe() };

        bool Maybe() => random.Next(2) == 0;
        string Pick(params string[] words) => words[random.Next(words.Length)];
        uint Number() => (uint)random.NextInt64(256, 1L << 32);
        ushort Port() => (ushort)random.Next(1, 65536);
        string End(bool isIPv6, int n) => Maybe() ? "any" : isIPv6 ? $"2001:db8::{n}" : $"192.0.2.{n}";
    }
}
