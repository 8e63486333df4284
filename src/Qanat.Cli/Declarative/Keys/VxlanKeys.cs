using System.Globalization;
using Qanat.Cli.Declarative.Yaml;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>The keys of VXLAN, by netplan's names, and its forwarding table.</summary>
internal static class VxlanKeys
{
    private static readonly ValueKind<ushort> PortNumber = Values.Number<ushort>(1, ushort.MaxValue);

    /// <summary>The keys.</summary>
    public static IReadOnlyList<TunnelKey> All { get; } =
    [
        Of("id", Values.Number<uint>(1, 0xFFFFFF), vxlan => vxlan.Id, (vxlan, id) => vxlan.Id = id, TunnelPart.Identity),
        TunnelKeys.Of("link", Values.Device, spec => spec.Dev, (spec, dev) => spec.Dev = dev, ModeSet.Vxlan),
        new(new TosKey("type-of-service"), ModeSet.Vxlan),
        Of("port", PortNumber, vxlan => vxlan.Port, (vxlan, port) => vxlan.Port = port, TunnelPart.Identity),
        new(new PortRangeKey(), ModeSet.Vxlan, TunnelPart.Identity),
        Of("mac-learning", Values.Boolean, vxlan => vxlan.Learning, (vxlan, on) => vxlan.Learning = on),
        new(new ScalarKey<HostTunnel, int>("ageing", Values.Number(0, int.MaxValue), tunnel => Vxlan(tunnel.Spec).Ageing,
            (tunnel, seconds) => Vxlan(tunnel.Spec).Ageing = seconds)
        {
            OtherNames = ["aging"],
        }, ModeSet.Vxlan),
        Of("limit", Values.Number(0, int.MaxValue),
            vxlan => vxlan.MaxAddresses, (vxlan, limit) => vxlan.MaxAddresses = limit, TunnelPart.Identity),
        new(new ChecksumsKey(), ModeSet.Vxlan, TunnelPart.Identity),
        new(new ListKey<HostTunnel>("fdb", "a list of forwarding entries", ForwardingKeys.Read,
            tunnel => tunnel.Forwarding.Select(ForwardingKeys.Write)), ModeSet.Vxlan, TunnelPart.Forwarding),
    ];

    private static VxlanSpec Vxlan(TunnelSpec spec) => spec.Vxlan ??= new();

    private static TunnelKey Of<V>(
        string name, ValueKind<V> kind, Func<VxlanSpec, V?> get, Action<VxlanSpec, V> set, TunnelPart part = TunnelPart.Tunnel) =>
        TunnelKeys.Of(name, kind, spec => get(Vxlan(spec)), (spec, value) => set(Vxlan(spec), value), ModeSet.Vxlan, part);

    // A list of what is on; what is not in it is off.
    private sealed class ChecksumsKey() : Key<HostTunnel>("checksums")
    {
        private const string Udp = "udp", ZeroTx = "zero-udp6-tx", ZeroRx = "zero-udp6-rx";
        private static readonly ValueKind<string> Flag = Values.OneOf(Udp, ZeroTx, ZeroRx);

        public override void Read(YamlNode node, HostTunnel target, Mistakes mistakes)
        {
            if (node is not YamlList list)
            {
                mistakes.Expect(node, Name, $"a list of {Flag.Expected}");
                return;
            }
            var flags = new HashSet<string>();
            foreach (var item in list.Items)
                if (Flag.TryRead(item, Name, mistakes, out var flag))
                    flags.Add(flag);
            var vxlan = Vxlan(target.Spec);
            (vxlan.Checksum, vxlan.NoChecksum6Tx, vxlan.NoChecksum6Rx) =
                (flags.Contains(Udp), flags.Contains(ZeroTx), flags.Contains(ZeroRx));
        }

        public override YamlNode Write(HostTunnel source)
        {
            var vxlan = Vxlan(source.Spec);
            (bool On, string Word)[] flags = [(vxlan.Checksum, Udp), (vxlan.NoChecksum6Tx, ZeroTx), (vxlan.NoChecksum6Rx, ZeroRx)];
            return new YamlList([.. flags.Where(flag => flag.On).Select(flag => new YamlScalar(flag.Word))]);
        }
    }

    private sealed class PortRangeKey() : Key<HostTunnel>("port-range")
    {
        public override void Read(YamlNode node, HostTunnel target, Mistakes mistakes)
        {
            if (node is not YamlList { Items: [var first, var second] })
                mistakes.Expect(node, Name, "a list of the lowest and the highest port");
            else if (PortNumber.TryRead(first, Name, mistakes, out var lowest) &
                PortNumber.TryRead(second, Name, mistakes, out var highest))
            {
                (Vxlan(target.Spec).SourcePortMin, Vxlan(target.Spec).SourcePortMax) = (lowest, highest);
                if (lowest > highest)
                    mistakes.Add(node.Place, $"{Name}: the lowest port first is expected rather than {lowest} before {highest}");
            }
        }

        public override YamlNode? Write(HostTunnel source) => Vxlan(source.Spec) is { SourcePortMax: > 0 } vxlan
            ? new YamlList([Number(vxlan.SourcePortMin), Number(vxlan.SourcePortMax)])
            : null;

        private static YamlScalar Number(ushort port) => new(port.ToString(CultureInfo.InvariantCulture));
    }
}
