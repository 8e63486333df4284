namespace Qanat.Ipsec;

/// <summary>Why a packet went no further, by the names of /proc/net/xfrm_stat (Documentation/networking/xfrm_proc.rst).</summary>
public enum XfrmReason
{
    /// <summary>It did go further.</summary>
    None,

    /// <summary>
    /// A dummy packet (RFC 4303, 2.6), which is no error: it hides how much is really sent. The kernel has no such counter.
    /// </summary>
    Dummy,

    /// <summary>Too short to name its state.</summary>
    XfrmInHdrError,

    /// <summary>No state has this destination, SPI and mark.</summary>
    XfrmInNoStates,

    /// <summary>The authentication code is wrong, or the packet is truncated, or its padding is.</summary>
    XfrmInStateProtoError,

    /// <summary>What is inside is not of the state's family, or too short for it.</summary>
    XfrmInStateModeError,

    /// <summary>Its sequence number was seen before, or is left of the replay window.</summary>
    XfrmInStateSeqError,

    /// <summary>The state's lifetime is over.</summary>
    XfrmInStateExpired,

    /// <summary>In UDP and the state is not, or the other way about; or the state's selector does not mean the inner packet.</summary>
    XfrmInStateMismatch,

    /// <summary>The state is not valid any more.</summary>
    XfrmInStateInvalid,

    /// <summary>The inner packet's policy asks for another state.</summary>
    XfrmInTmplMismatch,

    /// <summary>No policy lets the inner packet in.</summary>
    XfrmInNoPols,

    /// <summary>A policy blocks the inner packet.</summary>
    XfrmInPolBlock,

    /// <summary>The policy asks for more transformations than one.</summary>
    XfrmOutBundleGenError,

    /// <summary>The policy asks for a state that is not there.</summary>
    XfrmOutNoStates,

    /// <summary>There is no room around the packet for what ESP adds.</summary>
    XfrmOutStateProtoError,

    /// <summary>The sequence numbers are used up.</summary>
    XfrmOutStateSeqError,

    /// <summary>The state's lifetime is over.</summary>
    XfrmOutStateExpired,

    /// <summary>The state is not valid any more.</summary>
    XfrmOutStateInvalid,

    /// <summary>A policy blocks the packet.</summary>
    XfrmOutPolBlock,

    /// <summary>The packet's headers are truncated or wrong.</summary>
    XfrmOutError,
}
