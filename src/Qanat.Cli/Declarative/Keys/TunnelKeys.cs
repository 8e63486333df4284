using Qanat.Cli.Declarative.Yaml;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>What a key of a tunnel is about.</summary>
internal enum TunnelPart
{
    /// <summary>The tunnel, which a change gives another value without interrupting it.</summary>
    Tunnel,

    /// <summary>The tunnel, which must be made anew to have another value.</summary>
    Identity,

    /// <summary>The device.</summary>
    Link,

    /// <summary>The device's addresses.</summary>
    Addresses,

    /// <summary>The routes into it.</summary>
    Routes,

    /// <summary>What its forwarding table is given.</summary>
    Forwarding,
}

/// <summary>A key of a tunnel.</summary>
/// <param name="Key">The key.</param>
/// <param name="Modes">The modes that have it.</param>
/// <param name="Part">What it is about.</param>
internal sealed record TunnelKey(Key<HostTunnel> Key, ModeSet Modes, TunnelPart Part = TunnelPart.Tunnel);

/// <summary>The keys of a tunnel, in the order in which they are written.</summary>
internal static class TunnelKeys
{
    /// <summary>All of them. The mode's own comes first; it is read before the others.</summary>
    public static IReadOnlyList<TunnelKey> All { get; } =
    [
        new(new ModeKey(), ModeSet.All, TunnelPart.Identity),
        new(new EndKey("local", spec => spec.Local, (spec, end) => spec.Local = end), ModeSet.WithEnds),
        new(new EndKey("remote", spec => spec.Remote, (spec, end) => spec.Remote = end), ModeSet.WithEnds),
        Of("dev", Values.Device, spec => spec.Dev, (spec, dev) => spec.Dev = dev, ModeSet.OverIPv4 | ModeSet.OverIPv6),
        Of("inner", Values.OneOf("any", "ipip"), spec => spec.Inner, (spec, inner) => spec.Inner = inner,
            ModeSet.Ipip | ModeSet.Sit | ModeSet.Isatap),
        new(new TtlKey(), ModeSet.WithEnds),
        new(new TosKey("tos"), ModeSet.OverIPv4 | ModeSet.OverIPv6),
        Of("pmtudisc", Values.Boolean, spec => spec.Pmtudisc, (spec, on) => spec.Pmtudisc = on, ModeSet.OverIPv4),
        Of("ignore-df", Values.Boolean, spec => spec.IgnoreDf, (spec, on) => spec.IgnoreDf = on, ModeSet.Gre | ModeSet.Gretap),
        Of("mark", Values.Number<uint>(0, uint.MaxValue), spec => spec.Mark, (spec, mark) => spec.Mark = mark,
            ModeSet.OverIPv4 | ModeSet.OverIPv6),
        .. GreKeys.All,
        .. ModeKeys.All,
        new(new OptionalKey<HostTunnel, int>("mtu", Values.Number(68, 65535), tunnel => tunnel.Mtu, (tunnel, mtu) => tunnel.Mtu = mtu),
            ModeSet.All, TunnelPart.Link),
        new(new ScalarKey<HostTunnel, bool>("up", Values.Boolean, tunnel => tunnel.Up, (tunnel, up) => tunnel.Up = up),
            ModeSet.All, TunnelPart.Link),
        new(new ListKey<HostTunnel>("addresses", "a list of addresses", AddressKeys.Read,
            tunnel => tunnel.Addresses.Select(AddressKeys.Write)), ModeSet.All, TunnelPart.Addresses),
        new(new ListKey<HostTunnel>("routes", "a list of routes", RouteKeys.Read,
            tunnel => tunnel.Routes.Select(RouteKeys.Write)), ModeSet.All, TunnelPart.Routes),
    ];

    /// <summary>All of them, by name.</summary>
    public static KeyTable<HostTunnel> Table { get; } = new([.. All.Select(key => key.Key)]);

    private static readonly Dictionary<ModeSet, IReadOnlyList<TunnelKey>> ByMode = Enumerable.Range(0, 15)
        .Select(bit => (ModeSet)(1 << bit))
        .ToDictionary(mode => mode, IReadOnlyList<TunnelKey> (mode) => [.. All.Where(key => (key.Modes & mode) != 0)]);

    /// <summary>The keys of a mode.</summary>
    public static IReadOnlyList<TunnelKey> Of(ModeSet mode) => ByMode.GetValueOrDefault(mode) ?? [];

    /// <summary>The key of a name, and the modes that have it.</summary>
    public static TunnelKey? Find(string name) => Table.TryGet(name, out var key) ? All.First(known => known.Key == key) : null;

    /// <summary>A key of the tunnel's own description.</summary>
    public static TunnelKey Of<V>(
        string name, ValueKind<V> kind, Func<TunnelSpec, V?> get, Action<TunnelSpec, V> set, ModeSet modes,
        TunnelPart part = TunnelPart.Tunnel) =>
        new(new ScalarKey<HostTunnel, V>(name, kind, tunnel => get(tunnel.Spec), (tunnel, value) => set(tunnel.Spec, value)), modes, part);

    // It is read before all others, for it says which of them there are.
    private sealed class ModeKey() : Key<HostTunnel>("mode")
    {
        public override void Read(YamlNode node, HostTunnel target, Mistakes mistakes)
        {
        }

        public override YamlNode Write(HostTunnel source) => new YamlScalar(source.Spec.Mode);
    }

    // An address of the family that the mode's outer header has; VXLAN takes either.
    private sealed class EndKey(string name, Func<TunnelSpec, string> get, Action<TunnelSpec, string> set) : Key<HostTunnel>(name)
    {
        public override void Read(YamlNode node, HostTunnel target, Mistakes mistakes)
        {
            var text = (node as YamlScalar)?.Text;
            if (text == "any")
                set(target.Spec, text);
            else if (text is not null && Values.TryParseAddress(text, out var address) && Fits(target.Mode, address.IsIPv6()))
                set(target.Spec, address.IsAny() ? "any" : address.ToString());
            else
                mistakes.Expect(node, Name, $"{Family(target.Mode)} address, or any,");
        }

        public override YamlNode Write(HostTunnel source) => new YamlScalar(get(source.Spec));

        private static bool Fits(ModeSet mode, bool isIPv6) => (mode & (isIPv6 ? ModeSet.OverIPv4 : ModeSet.OverIPv6)) == 0;

        private static string Family(ModeSet mode) =>
            (mode & ModeSet.OverIPv4) != 0 ? "an IPv4" : (mode & ModeSet.OverIPv6) != 0 ? "an IPv6" : "an IPv4 or IPv6";
    }
}
