namespace Qanat.Tunnels;

/// <summary>Why a packet went no further. The names are the kernel's counters or drop reasons where it has them.</summary>
public enum DropReason
{
    /// <summary>Inner packet of a protocol that the mode does not carry.</summary>
    InnerProtocol,

    /// <summary>Inner packet truncated, or its header wrong.</summary>
    InnerHeader,

    /// <summary>Outer packet truncated, or its header wrong.</summary>
    OuterHeader,

    /// <summary>
    /// The tunnel protocol's own header cut short, of another version, or with what we do not know; ESP's trailer with padding
    /// that is not what it says.
    /// </summary>
    TunnelHeader,

    /// <summary>A checksum that is wrong, missing, or not wanted (rx_crc_errors).</summary>
    ChecksumError,

    /// <summary>A sequence number that is missing, or older than the last (rx_fifo_errors).</summary>
    OutOfSequence,

    /// <summary>
    /// sit and isatap: an inner address that does not belong to the outer one, or that nobody may have there (rx_errors).
    /// </summary>
    SpoofedSource,

    /// <summary>An L2TP message whose cookie is not the session's (rx_cookie_discards).</summary>
    WrongCookie,

    /// <summary>A frame from an Ethernet address that a user's entry has elsewhere.</summary>
    MovedAddress,

    /// <summary>IPsec has no policy or state for the packet, or none between the tunnel's ends (tx_carrier_errors).</summary>
    NoState,

    /// <summary>An ESP packet that arrived and whose index names no state (XfrmInNoStates).</summary>
    UnknownSpi,

    /// <summary>An ESP packet that arrived before, or is older than the window.</summary>
    Replayed,

    /// <summary>An ESP packet whose integrity check failed.</summary>
    NotAuthentic,

    /// <summary>An ESP packet that its state refuses for another reason; IPsec's own counters tell it.</summary>
    IpsecRefused,

    /// <summary>What was in an ESP packet is not what the policy for the tunnel's mark wants.</summary>
    PolicyRefused,

    /// <summary>No route to the far end, or none that names it (tx_carrier_errors).</summary>
    NoRoute,

    /// <summary>The route to the far end leads back into the tunnel, or too many tunnels are in each other already (collisions).</summary>
    DeadLoop,

    /// <summary>Larger than the path, and not to be fragmented.</summary>
    PacketTooBig,

    /// <summary>The inner packet's own encapsulation limit forbids another tunnel (RFC 2473, 4.1.1).</summary>
    EncapLimit,

    /// <summary>RFC 6040 forbids it: the outer header says CE, the inner one Not-ECT (rx_frame_errors).</summary>
    EcnError,

    /// <summary>An outer packet that the kernel did not take: no buffer, or no way out after all (tx_dropped).</summary>
    NoBuffer,

    /// <summary>An inner packet that the device did not take: it went down meanwhile, or its queue is full (rx_dropped).</summary>
    DeviceRefused,
}

/// <summary>A tunnel's counters. Written by its worker alone, read by anyone.</summary>
public sealed class TunnelCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<DropReason>().Length];

    /// <summary>Packets (segments, not super-packets) that arrived through the tunnel.</summary>
    public long RxPackets;

    /// <summary>Inner bytes that arrived through the tunnel.</summary>
    public long RxBytes;

    /// <summary>Packets that arrived and could not be passed on.</summary>
    public long RxErrors;

    /// <summary>Packets among those that arrived whose outer destination is a group (multicast).</summary>
    public long RxMulticast;

    /// <summary>Packets that left through the tunnel.</summary>
    public long TxPackets;

    /// <summary>Inner bytes that left through the tunnel.</summary>
    public long TxBytes;

    /// <summary>Packets that could not be sent.</summary>
    public long TxErrors;

    /// <summary>Packets dropped for <paramref name="reason"/>.</summary>
    public long Dropped(DropReason reason) => Volatile.Read(ref _drops[(int)reason]);

    internal void CountRx(int bytes)
    {
        RxPackets++;
        RxBytes += bytes;
    }

    internal void CountTx(int bytes)
    {
        TxPackets++;
        TxBytes += bytes;
    }

    internal void DropRx(DropReason reason)
    {
        RxErrors++;
        _drops[(int)reason]++;
    }

    /// <summary>So many were lost on the last step, after they had been counted as passed: dropped, but no errors.</summary>
    internal void Refuse(DropReason reason, long packets) => _drops[(int)reason] += packets;

    internal void DropTx(DropReason reason)
    {
        TxErrors++;
        _drops[(int)reason]++;
    }
}
