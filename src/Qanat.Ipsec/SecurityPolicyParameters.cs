using Qanat.Packets;

namespace Qanat.Ipsec;

/// <summary>Which packets a policy is for (linux/xfrm.h: XFRM_POLICY_*).</summary>
public enum PolicyDirection
{
    /// <summary>Those that arrive for this host.</summary>
    In = 0,

    /// <summary>Those that leave.</summary>
    Out = 1,

    /// <summary>Those that arrive and are passed on.</summary>
    Forward = 2,
}

/// <summary>What a policy does with packets.</summary>
public enum PolicyAction
{
    /// <summary>Lets them pass, if they are protected as its templates ask.</summary>
    Allow = 0,

    /// <summary>Drops them.</summary>
    Block = 1,
}

/// <summary>A policy's flags (linux/xfrm.h: XFRM_POLICY_*), by iproute2's words.</summary>
[Flags]
public enum PolicyFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary><c>localok</c>: a socket may override it.</summary>
    LocalOk = 1,

    /// <summary><c>icmp</c>: ICMP errors about the flow match too.</summary>
    Icmp = 2,
}

/// <summary>How a policy wants its packets protected (<c>struct xfrm_user_tmpl</c>).</summary>
public sealed record PolicyTemplate
{
    /// <summary>The outer source; any is that of the route when packets leave, and every one when they arrive.</summary>
    public IpAddress Source { get; init; }

    /// <summary>The outer destination.</summary>
    public IpAddress Destination { get; init; }

    /// <summary>ESP.</summary>
    public IpProtocol Protocol { get; init; } = IpProtocol.Esp;

    /// <summary>The state's SPI; 0 for every one.</summary>
    public uint Spi { get; init; }

    /// <summary>The state's request id; 0 is one like any other for leaving packets, and every one for arriving ones.</summary>
    public uint RequestId { get; init; }

    /// <summary>Transport or tunnel.</summary>
    public XfrmMode Mode { get; init; } = XfrmMode.Transport;

    /// <summary><c>level use</c>: without such a state packets pass unprotected.</summary>
    public bool Optional { get; init; }

    /// <summary>True when <paramref name="state"/> is what the template asks for of an arriving packet (the kernel's xfrm_state_ok).</summary>
    internal bool Accepts(SecurityAssociationParameters state) =>
        state.Protocol == Protocol && (Spi == 0 || Spi == state.Spi) && (RequestId == 0 || RequestId == state.RequestId) &&
        state.Mode == Mode && (Mode == XfrmMode.Transport || Source.IsAny || Source == state.Source);
}

/// <summary>What a policy is set to (<c>ip xfrm policy</c>; <c>struct xfrm_userpolicy_info</c>).</summary>
public sealed record SecurityPolicyParameters
{
    /// <summary>The packets that it is for. It must have a family.</summary>
    public required Selector Selector { get; init; }

    /// <summary>Whether they arrive or leave.</summary>
    public required PolicyDirection Direction { get; init; }

    /// <summary>Whether they pass.</summary>
    public PolicyAction Action { get; init; }

    /// <summary>The lowest is looked at first.</summary>
    public uint Priority { get; init; }

    /// <summary>Its number; 0 lets the database choose. The two lowest bits are the direction.</summary>
    public uint Index { get; init; }

    /// <summary>The packet marks that it is for.</summary>
    public Mark Mark { get; init; }

    /// <summary>The interface that it belongs to (<c>if_id</c>); 0 for none.</summary>
    public uint InterfaceId { get; init; }

    /// <summary>Flags.</summary>
    public PolicyFlags Flags { get; init; }

    /// <summary>How the packets are to be protected, innermost first; at most 6.</summary>
    public IReadOnlyList<PolicyTemplate> Templates { get; init; } = [];

    /// <summary>When it ends; of bytes and packets the kernel counts none for policies.</summary>
    public LifetimeLimits Limits { get; init; } = LifetimeLimits.None;
}
