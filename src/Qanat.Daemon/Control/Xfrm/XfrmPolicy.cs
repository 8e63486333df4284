using Qanat.Packets;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>Which packets a policy is for, with the kernel's numbers (XFRM_POLICY_*, linux/xfrm.h).</summary>
public enum XfrmDirection
{
    /// <summary>Those for this host.</summary>
    In,

    /// <summary>Those that leave it.</summary>
    Out,

    /// <summary>Those that it passes on.</summary>
    Forward,
}

/// <summary>Properties of a policy (XFRM_POLICY_*, linux/xfrm.h).</summary>
[Flags]
public enum XfrmPolicyFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A socket may have a policy instead.</summary>
    LocalOk = 1,

    /// <summary>ICMP errors about its packets are let through.</summary>
    Icmp = 2,
}

/// <summary>An address, and how many of its bits count. Bits below are kept as they were given.</summary>
/// <param name="Address">The address.</param>
/// <param name="Length">0 to 32, or to 128.</param>
public readonly record struct XfrmPrefix(IpAddress Address, byte Length);

/// <summary>Which packets: those that agree in everything that is said (struct xfrm_selector of linux/xfrm.h).</summary>
/// <param name="Source">The prefix of their source.</param>
/// <param name="Destination">The prefix of their destination, of the same family.</param>
public sealed record XfrmSelector(XfrmPrefix Source, XfrmPrefix Destination)
{
    /// <summary>The protocol, 0 for any.</summary>
    public byte Protocol { get; init; }

    /// <summary>The source port; of ICMP the type, of GRE the key's upper half. Null for any.</summary>
    public ushort? SourcePort { get; init; }

    /// <summary>The destination port; of ICMP the code, of GRE the key's lower half. Null for any.</summary>
    public ushort? DestinationPort { get; init; }

    /// <summary>Index of the device that they leave or came by, 0 for any.</summary>
    public int Link { get; init; }

    /// <summary>Every packet of a family.</summary>
    public static XfrmSelector Any(bool isIPv6) => new(new(IpAddress.Any(isIPv6), 0), new(IpAddress.Any(isIPv6), 0));
}

/// <summary>When something expires (struct xfrm_lifetime_cfg of linux/xfrm.h). Only what is hard ends it.</summary>
public sealed record XfrmLimits
{
    /// <summary>No limit at all.</summary>
    public static XfrmLimits None { get; } = new();

    /// <summary>Bytes; null for no limit.</summary>
    public ulong? SoftBytes { get; init; }

    /// <summary>Bytes; null for no limit.</summary>
    public ulong? HardBytes { get; init; }

    /// <summary>Packets; null for no limit.</summary>
    public ulong? SoftPackets { get; init; }

    /// <summary>Packets; null for no limit.</summary>
    public ulong? HardPackets { get; init; }

    /// <summary>Seconds since it was added; 0 for no limit.</summary>
    public ulong SoftAdded { get; init; }

    /// <summary>Seconds since it was added; 0 for no limit.</summary>
    public ulong HardAdded { get; init; }

    /// <summary>Seconds since it was first used; 0 for no limit.</summary>
    public ulong SoftUsed { get; init; }

    /// <summary>Seconds since it was first used; 0 for no limit.</summary>
    public ulong HardUsed { get; init; }

    /// <summary>Whether a hard limit has been reached.</summary>
    /// <param name="usage">What passed.</param>
    /// <param name="added">When it was added, in seconds since 1970.</param>
    /// <param name="now">Now, in seconds since 1970.</param>
    public bool HasExpired(XfrmUsage usage, long added, long now) =>
        usage.Bytes >= HardBytes || usage.Packets >= HardPackets || IsOver(HardAdded, added, now) ||
        (usage.Used != 0 && IsOver(HardUsed, usage.Used, now));

    private static bool IsOver(ulong seconds, long since, long now) => seconds != 0 && now >= since && (ulong)(now - since) >= seconds;
}

/// <summary>Which associations a policy takes (struct xfrm_user_tmpl of linux/xfrm.h). Their protocol is ESP.</summary>
/// <param name="Source">Where the outer packets come from, or any.</param>
/// <param name="Destination">Where they go to, or any.</param>
/// <param name="Mode">What they wrap.</param>
public sealed record XfrmTemplate(IpAddress Source, IpAddress Destination, XfrmMode Mode)
{
    /// <summary>The security parameters index, 0 for any.</summary>
    public uint Spi { get; init; }

    /// <summary>What the associations are called by; 0 for whatever they are called.</summary>
    public uint Reqid { get; init; }

    /// <summary>Packets may do without.</summary>
    public bool Optional { get; init; }
}

/// <summary>A policy (RFC 4301, section 4.4.1; struct xfrm_userpolicy_info of linux/xfrm.h).</summary>
public sealed record XfrmPolicy
{
    /// <summary>Tells it from every other policy; its lower three bits are the direction.</summary>
    public required uint Index { get; init; }

    /// <summary>The direction.</summary>
    public required XfrmDirection Direction { get; init; }

    /// <summary>The packets that it is for.</summary>
    public required XfrmSelector Selector { get; init; }

    /// <summary>The mark that packets must have.</summary>
    public XfrmMark Mark { get; init; }

    /// <summary>The XFRM interface that it belongs to, 0 for none.</summary>
    public uint IfId { get; init; }

    /// <summary>One of the kernel's second kind, which is looked at beside the first.</summary>
    public bool IsSub { get; init; }

    /// <summary>Packets are dropped.</summary>
    public bool Blocks { get; init; }

    /// <summary>Of two that match, that with the lower number counts; of two with the same, the older.</summary>
    public uint Priority { get; init; }

    /// <summary>Properties.</summary>
    public XfrmPolicyFlags Flags { get; init; }

    /// <summary>When it expires.</summary>
    public XfrmLimits Limits { get; init; } = XfrmLimits.None;

    /// <summary>What is done to the packets, the innermost first.</summary>
    public IReadOnlyList<XfrmTemplate> Templates { get; init; } = [];

    /// <summary>Whether both are for the same packets, of which the kernel keeps one alone (xfrm_policy_insert).</summary>
    public bool HasKeyOf(XfrmPolicy other) =>
        (Direction, Selector, Mark, IfId, IsSub) == (other.Direction, other.Selector, other.Mark, other.IfId, other.IsSub);
}
