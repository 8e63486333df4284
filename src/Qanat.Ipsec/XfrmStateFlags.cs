namespace Qanat.Ipsec;

/// <summary>A state's flags (linux/xfrm.h: XFRM_STATE_*), by iproute2's words.</summary>
[Flags]
public enum XfrmStateFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary><c>noecn</c>: congestion marks of the outer header do not go in, and none go out.</summary>
    NoEcn = 1,

    /// <summary><c>decap-dscp</c>: the DSCP of the outer header goes into the inner one.</summary>
    DecapDscp = 2,

    /// <summary><c>nopmtudisc</c>: the outer packet never has DF.</summary>
    NoPathMtuDiscovery = 4,

    /// <summary><c>wildrecv</c>: for arriving packets alone.</summary>
    WildReceive = 8,

    /// <summary><c>icmp</c>: ICMP errors about the flow match too.</summary>
    Icmp = 16,

    /// <summary><c>af-unspec</c>: carries both IP versions.</summary>
    AfUnspec = 32,

    /// <summary><c>align4</c>: for AH alone.</summary>
    Align4 = 64,

    /// <summary><c>esn</c>: extended sequence numbers.</summary>
    Esn = 128,
}

/// <summary>A state's further flags (linux/xfrm.h: XFRM_SA_XFLAG_*), by iproute2's words.</summary>
[Flags]
public enum XfrmStateExtraFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary><c>dont-encap-dscp</c>: the outer header has no DSCP of the inner one.</summary>
    DontEncapDscp = 1,

    /// <summary><c>oseq-may-wrap</c>: sequence numbers of 32 bits begin anew at their end.</summary>
    OutputSequenceMayWrap = 2,
}

/// <summary>What is protected (linux/xfrm.h: XFRM_MODE_*).</summary>
public enum XfrmMode
{
    /// <summary>What follows an IP header.</summary>
    Transport = 0,

    /// <summary>A whole IP packet.</summary>
    Tunnel = 1,
}
