using Qanat.Packets;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>What an association wraps.</summary>
public enum XfrmMode
{
    /// <summary>The payload of a packet, whose header stays outside.</summary>
    Transport,

    /// <summary>Whole packets.</summary>
    Tunnel,
}

/// <summary>Properties of an association, with the numbers that the kernel gives them (XFRM_STATE_*, linux/xfrm.h).</summary>
[Flags]
public enum XfrmStateFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Congestion marks of the outer header do not reach the inner one.</summary>
    NoEcn = 1,

    /// <summary>The DSCP of the outer header goes into the inner one.</summary>
    DecapDscp = 2,

    /// <summary>DF is never set on outer packets.</summary>
    NoPmtuDisc = 4,

    /// <summary>Whatever source address is taken.</summary>
    WildRecv = 8,

    /// <summary>ICMP errors about its packets are let through.</summary>
    Icmp = 16,

    /// <summary>Inner packets may be of any family.</summary>
    AfUnspec = 32,

    /// <summary>AH is aligned to 4 bytes.</summary>
    Align4 = 64,

    /// <summary>Sequence numbers have 64 bits.</summary>
    Esn = 128,
}

/// <summary>More properties (XFRM_SA_XFLAG_*, linux/xfrm.h).</summary>
[Flags]
public enum XfrmStateExtraFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The DSCP of the inner header does not go into the outer one.</summary>
    DontEncapDscp = 1,

    /// <summary>Sequence numbers of sent packets may begin anew.</summary>
    OseqMayWrap = 2,
}

/// <summary>A mark and the bits of it that count. The default is no mark at all: every packet has it.</summary>
/// <param name="Value">The mark; no bit outside the mask is set.</param>
/// <param name="Mask">The bits that count.</param>
public readonly record struct XfrmMark(uint Value, uint Mask)
{
    /// <summary>Whether a packet of that mark is meant.</summary>
    public bool Matches(uint mark) => (mark & Mask) == Value;
}

/// <summary>An algorithm and its key.</summary>
/// <param name="Name">The kernel's name, as in crypto/: <c>rfc4106(gcm(aes))</c>.</param>
/// <param name="Key">The key, its salt at the end.</param>
/// <param name="Bits">Bits of the integrity check value; 0 of encryption alone.</param>
public sealed record XfrmAlgorithm(string Name, ReadOnlyMemory<byte> Key, int Bits)
{
    /// <summary>What a log may have of it.</summary>
    public override string ToString() => Name;
}

/// <summary>ESP in UDP (RFC 3948).</summary>
/// <param name="SourcePort">The source port of sent packets.</param>
/// <param name="DestinationPort">Their destination port.</param>
/// <param name="OriginalAddress">The address before the translation.</param>
public sealed record XfrmEncap(ushort SourcePort, ushort DestinationPort, IpAddress OriginalAddress);

/// <summary>A security association, as it was asked for (RFC 4301, section 4.4.2; struct xfrm_usersa_info of linux/xfrm.h).</summary>
public sealed record XfrmState
{
    /// <summary>Tells it from every other state that this process ever had.</summary>
    public long Id { get; init; }

    /// <summary>Where its packets come from, or any.</summary>
    public required IpAddress Source { get; init; }

    /// <summary>Where its packets go to.</summary>
    public required IpAddress Destination { get; init; }

    /// <summary>The security parameters index.</summary>
    public required uint Spi { get; init; }

    /// <summary>What it wraps.</summary>
    public required XfrmMode Mode { get; init; }

    /// <summary>What policies call it by; 0 for nothing.</summary>
    public uint Reqid { get; init; }

    /// <summary>The number of the request that it answers.</summary>
    public uint Seq { get; init; }

    /// <summary>The mark that packets must have.</summary>
    public XfrmMark Mark { get; init; }

    /// <summary>The mark that packets get; of no bits for none.</summary>
    public XfrmMark OutputMark { get; init; }

    /// <summary>The XFRM interface that it belongs to, 0 for none.</summary>
    public uint IfId { get; init; }

    /// <summary>Encryption that authenticates as well.</summary>
    public XfrmAlgorithm? Aead { get; init; }

    /// <summary>Encryption alone.</summary>
    public XfrmAlgorithm? Encryption { get; init; }

    /// <summary>Authentication alone.</summary>
    public XfrmAlgorithm? Authentication { get; init; }

    /// <summary>How many sequence numbers below the highest may still arrive; 0 checks none.</summary>
    public uint ReplayWindow { get; init; }

    /// <summary>The highest sequence number that has arrived.</summary>
    public ulong InputSequence { get; init; }

    /// <summary>The last sequence number that was sent: the next packet has the one after it.</summary>
    public ulong OutputSequence { get; init; }

    /// <summary>Properties.</summary>
    public XfrmStateFlags Flags { get; init; }

    /// <summary>More of them.</summary>
    public XfrmStateExtraFlags ExtraFlags { get; init; }

    /// <summary>The UDP header around it; null for none.</summary>
    public XfrmEncap? Encap { get; init; }

    /// <summary>The inner packets that it is for; null when even their family does not matter.</summary>
    public XfrmSelector? Selector { get; init; }

    /// <summary>When it expires.</summary>
    public XfrmLimits Limits { get; init; } = XfrmLimits.None;

    /// <summary>Inner packets are padded up to so many bytes.</summary>
    public uint TfcPadding { get; init; }

    /// <summary>Names it in a log, without its keys.</summary>
    public override string ToString() => $"state {Source} -> {Destination} esp 0x{Spi:x8}";
}
