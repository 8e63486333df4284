using System.Diagnostics.CodeAnalysis;
using System.Net.NetworkInformation;
using static Qanat.Linux.Interop.Rtnetlink;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Netlink;

/// <summary>A network device, as the kernel describes it.</summary>
/// <remarks>Source: linux/if_link.h; net/core/rtnetlink.c, rtnl_fill_ifinfo.</remarks>
public sealed record Link : INetlinkParsable<Link>
{
    /// <summary>Its interface index, its identity in its namespace.</summary>
    public required int Index { get; init; }

    /// <summary>Its name, up to 15 bytes, which may change.</summary>
    public required string Name { get; init; }

    /// <summary>What made it: <c>veth</c>, <c>bridge</c>, <c>tun</c>; null for plain devices such as <c>lo</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>What a TUN or TAP device was made with; null for any other, and before Linux 4.18.</summary>
    public TunDetails? Tun { get; init; }

    /// <summary>The outer side of a tunnel of the kernel's own; null for any other device.</summary>
    public TunnelDetails? Tunnel { get; init; }

    /// <summary>Its flags.</summary>
    public LinkFlags Flags { get; init; }

    /// <summary>The largest packet that it takes, in bytes, link-layer header aside.</summary>
    public required int Mtu { get; init; }

    /// <summary>What its link layer is.</summary>
    public LinkType Type { get; init; }

    /// <summary>Whether it works.</summary>
    public OperationalState State { get; init; }

    /// <summary>
    /// Whether there is something at the other end, be the device on or off: for a TUN or TAP, a program. Null when the kernel
    /// does not say. Unlike <see cref="HasCarrier"/> it is told of a device that is down.
    /// </summary>
    public bool? Carrier { get; init; }

    /// <summary>Its link-layer address; null when it has none.</summary>
    public PhysicalAddress? Address { get; init; }

    /// <summary>Index of the bridge, bond or VRF it belongs to; 0 for none.</summary>
    public int Master { get; init; }

    /// <summary>Index of the device it stands on, for veth that of its peer; 0 for none.</summary>
    public int Parent { get; init; }

    /// <summary>The number by which this namespace knows the one <see cref="Parent"/> is in; null when it is in this one.</summary>
    public int? ParentNamespace { get; init; }

    /// <summary>Free text that the administrator gave it.</summary>
    public string? Alias { get; init; }

    /// <summary>What queues its packets: <c>noop</c>, <c>fq_codel</c>; null when the kernel does not say.</summary>
    public string? QueueingDiscipline { get; init; }

    /// <summary>Packets that its transmit queue holds.</summary>
    public int TransmitQueueLength { get; init; }

    /// <summary>Its counters.</summary>
    public LinkStatistics Statistics { get; init; }

    /// <summary>True when it is switched on.</summary>
    public bool IsUp => Flags.HasFlag(LinkFlags.Up);

    /// <summary>True when it is on, and the layer below is up too (<c>LOWER_UP</c>).</summary>
    public bool HasCarrier => Flags.HasFlag(LinkFlags.LowerUp);

    /// <inheritdoc/>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out Link? value) => TryParse(message, out value, out _);

    /// <summary>As the other, and tells whether a removed device lives on in another namespace.</summary>
    internal static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out Link? value, out bool moved)
    {
        (value, moved) = (null, false);

        // AF_BRIDGE messages of the same type are about bridge ports: one that ends does not end the device.
        if (message.Type is not (RTM_NEWLINK or RTM_DELLINK) || !message.TryRead(out ifinfomsg header, out var attributes) ||
            header.ifi_family != AF_UNSPEC || header.ifi_index <= 0)
            return false;

        string? name = null, alias = null, kind = null, qdisc = null;
        PhysicalAddress? address = null;
        TunDetails? tun = null;
        TunnelDetails? tunnel = null;
        bool? carrier = null;
        OperationalState state = default;
        LinkStatistics statistics = default;
        int? mtu = null, parentNamespace = null;
        int master = 0, parent = 0, queue = 0;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case IFLA_IFNAME: name = attribute.ReadText(); break;
                case IFLA_MTU: mtu = attribute.Read<int>(); break;
                case IFLA_ADDRESS: address = attribute.ReadLinkLayerAddress(); break;
                case IFLA_OPERSTATE: state = (OperationalState)attribute.Read<byte>(); break;
                case IFLA_CARRIER: carrier = attribute.Read<byte>() != 0; break;
                case IFLA_MASTER: master = attribute.Read<int>(); break;
                case IFLA_LINK: parent = attribute.Read<int>(); break;
                case IFLA_LINK_NETNSID: parentNamespace = attribute.Read<int>(); break;
                case IFLA_QDISC: qdisc = attribute.ReadText(); break;
                case IFLA_TXQLEN: queue = attribute.Read<int>(); break;
                case IFLA_IFALIAS: alias = attribute.ReadText(); break;
                case IFLA_STATS64: statistics = attribute.Read<LinkStatistics>(); break;
                case IFLA_LINKINFO: (kind, tun, tunnel) = ReadInformation(attribute.Nested); break;
                case IFLA_NEW_NETNSID: moved = true; break;
            }
        }

        // What lacks these is a wireless event, which rides on the same message type and says nothing about the device.
        if (name is null || mtu is null)
            return false;
        value = new Link
        {
            Index = header.ifi_index,
            Name = name,
            Kind = kind,
            Tun = tun,
            Tunnel = tunnel,
            Flags = (LinkFlags)header.ifi_flags,
            Mtu = mtu.Value,
            Type = (LinkType)header.ifi_type,
            State = state,
            Carrier = carrier,
            Address = address,
            Master = master,
            Parent = parent,
            ParentNamespace = parentNamespace,
            Alias = alias,
            QueueingDiscipline = qdisc,
            TransmitQueueLength = queue,
            Statistics = statistics,
        };
        return true;
    }

    // The kernel writes the kind in front of what depends on it.
    private static (string? Kind, TunDetails? Tun, TunnelDetails? Tunnel) ReadInformation(NetlinkAttributes information)
    {
        string? kind = null;
        TunDetails? tun = null;
        TunnelDetails? tunnel = null;
        foreach (var attribute in information)
            if (attribute.Type == IFLA_INFO_KIND)
                kind = attribute.ReadText();
            else if (attribute.Type == IFLA_INFO_DATA && kind == "tun")
                tun = TunDetails.Parse(attribute.Nested);
            else if (attribute.Type == IFLA_INFO_DATA)
                tunnel = TunnelDetails.Parse(kind, attribute.Nested);
        return (kind, tun, tunnel);
    }
}
