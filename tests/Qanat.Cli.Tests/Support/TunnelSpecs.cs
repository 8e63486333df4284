using FsCheck;
using FsCheck.Fluent;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Tests.Support;

/// <summary>Descriptions of tunnels, at random.</summary>
internal static class TunnelSpecs
{
    /// <summary>Of any mode, with all that a description can hold.</summary>
    public static Gen<TunnelSpec> Any =>
        from spec in Gen.OneOf(OverIPv4, OverIPv6)
        from name in Of<NonNull<string>>()
        from mark in Of<uint>()
        from flags in Of<bool>().ArrayOf(5)
        from ports in Of<ushort>().ArrayOf(4)
        from numbers in Of<int>().Select(number => number & int.MaxValue).ArrayOf(5)
        select spec with
        {
            Name = name.Get,
            Mark = mark,
            IgnoreDf = flags[0],
            Encap = flags[1]
                ? new() { Type = "gue", SourcePort = ports[0], DestinationPort = ports[1], Checksum = flags[2], Checksum6 = flags[3] }
                : null,
            Vxlan = flags[2]
                ? new() { Id = (uint)numbers[0], Port = ports[2], SourcePortMax = ports[3], Learning = flags[3], Ageing = numbers[1] }
                : null,
            L2tp = flags[3]
                ? new()
                {
                    TunnelId = (uint)numbers[2], SessionId = (uint)numbers[3], PeerSessionId = (uint)numbers[4], Cookie = "01020304",
                    L2SpecificType = flags[4] ? "none" : "default", Sequence = "both",
                }
                : null,
        };

    /// <summary>What <c>tunnel</c> can say about a tunnel over IPv4.</summary>
    public static Gen<TunnelSpec> OverIPv4 =>
        from mode in Gen.Elements("ipip", "gre", "sit", "isatap", "vti", "minimal")
        from ends in Gen.Elements("any", "192.0.2.1", "198.51.100.7").ArrayOf(2)
        from dev in Gen.Elements(null, "lo", "eth0")
        from bytes in Of<byte>().ArrayOf(2)
        from pmtudisc in Of<bool>()
        from gre in Gre
        from sit in Sit
        select new TunnelSpec
        {
            Name = "t1",
            Mode = mode,
            Remote = ends[0],
            Local = ends[1],
            Dev = dev,
            Ttl = bytes[0],
            Tos = bytes[1],
            Pmtudisc = pmtudisc,
            Gre = mode switch { "gre" => gre, "vti" => Keys(gre), _ => null },
            Sit = mode is "sit" or "isatap" ? sit : null,
        };

    /// <summary>What <c>-6 tunnel</c> can say about a tunnel.</summary>
    public static Gen<TunnelSpec> OverIPv6 =>
        from mode in Gen.Elements("ip6ip6", "ipip6", "ip6any", "ip6gre", "vti6")
        from ends in Gen.Elements("any", "2001:db8::1", "fe80::5efe:c000:201").ArrayOf(2)
        from dev in Gen.Elements(null, "lo", "eth0")
        from bytes in Of<byte>().ArrayOf(3)
        from flags in Of<bool>().ArrayOf(5)
        from label in Gen.Choose(0, 0xFFFFF)
        from gre in Gre
        select mode == "vti6"
            ? new TunnelSpec { Name = "t1", Mode = mode, Remote = ends[0], Local = ends[1], Dev = dev, Gre = Keys(gre) }
            : new TunnelSpec
            {
                Name = "t1",
                Mode = mode,
                Remote = ends[0],
                Local = ends[1],
                Dev = dev,
                Ttl = bytes[0],
                Tos = flags[0] ? (byte)0 : bytes[1],
                Gre = mode == "ip6gre" ? gre : null,
                IPv6 = new()
                {
                    EncapLimit = flags[1] ? null : bytes[2],
                    FlowLabel = flags[2] ? 0 : (uint)label,
                    InheritTrafficClass = flags[0],
                    InheritFlowLabel = flags[2],
                    CopyDscp = flags[3],
                    AllowLocalRemote = flags[4],
                },
            };

    /// <summary>Any value of a type.</summary>
    public static Gen<T> Of<T>() => ArbMap.Default.GeneratorFor<T>();

    private static Gen<GreSpec?> Gre =>
        from keys in Of<uint?>().ArrayOf(2)
        from flags in Of<bool>().ArrayOf(4)
        let gre = new GreSpec
        {
            InputKey = keys[0],
            OutputKey = keys[1],
            InputChecksum = flags[0],
            OutputChecksum = flags[1],
            InputSequence = flags[2],
            OutputSequence = flags[3],
        }
        select gre == new GreSpec() ? null : gre;

    private static Gen<SitSpec?> Sit =>
        from routers in Gen.Elements("192.0.2.1", "192.0.2.2").ArrayOf()
        from isDefault in Of<bool>()
        from prefix in Gen.Elements("2002::/16", "2001:db8::/32", "::/0")
        from none in Of<bool>()
        select none ? null : new SitSpec
        {
            Prefix = prefix,
            RelayPrefix = "10.0.0.0/8",
            Routers = [.. routers.Select(address => new RouterSpec { Address = address, Default = isDefault })],
        };

    private static GreSpec? Keys(GreSpec? gre) =>
        gre is { InputKey: null, OutputKey: null } or null ? null : new() { InputKey = gre.InputKey, OutputKey = gre.OutputKey };
}
