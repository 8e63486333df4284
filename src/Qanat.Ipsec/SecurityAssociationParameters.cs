using Qanat.Packets;

namespace Qanat.Ipsec;

/// <summary>What a security association is set to (<c>ip xfrm state</c>; <c>struct xfrm_usersa_info</c>).</summary>
public sealed record SecurityAssociationParameters
{
    /// <summary>The outer source address; any is allowed.</summary>
    public required IpAddress Source { get; init; }

    /// <summary>The outer destination address.</summary>
    public required IpAddress Destination { get; init; }

    /// <summary>The security parameters index, in host byte order.</summary>
    public required uint Spi { get; init; }

    /// <summary>Algorithms and keys. The database that takes the parameters owns the keys from then on.</summary>
    public required EspAlgorithms Algorithms { get; init; }

    /// <summary>ESP: there is no other.</summary>
    public IpProtocol Protocol { get; init; } = IpProtocol.Esp;

    /// <summary>What templates of policies find it by.</summary>
    public uint RequestId { get; init; }

    /// <summary>What is protected.</summary>
    public XfrmMode Mode { get; init; } = XfrmMode.Transport;

    /// <summary>The packet marks that it is for.</summary>
    public Mark Mark { get; init; }

    /// <summary>The mark that its packets get (<c>output-mark</c>).</summary>
    public Mark OutputMark { get; init; }

    /// <summary>The interface that it belongs to (<c>if_id</c>); 0 for none.</summary>
    public uint InterfaceId { get; init; }

    /// <summary>The key manager's own number (<c>seq</c>).</summary>
    public uint KeyManagerSequence { get; init; }

    /// <summary>How far back the replay window looks, 0 to 4,096; 0 checks nothing.</summary>
    public int ReplayWindow { get; init; }

    /// <summary>The highest sequence number that has arrived in an earlier life (<c>replay-seq</c>, <c>replay-seq-hi</c>).</summary>
    public ulong InputSequence { get; init; }

    /// <summary>The last sequence number that was sent in an earlier life (<c>replay-oseq</c>, <c>replay-oseq-hi</c>).</summary>
    public ulong OutputSequence { get; init; }

    /// <summary>Flags.</summary>
    public XfrmStateFlags Flags { get; init; }

    /// <summary>More of them.</summary>
    public XfrmStateExtraFlags ExtraFlags { get; init; }

    /// <summary>ESP in UDP; null for ESP in IP.</summary>
    public UdpEncapsulation? Encapsulation { get; init; }

    /// <summary>The inner packets that it is for. Without a family it is the outer one's, unless the flags say af-unspec.</summary>
    public Selector Selector { get; init; } = new();

    /// <summary>When it is to be replaced, and when it ends.</summary>
    public LifetimeLimits Limits { get; init; } = LifetimeLimits.None;
}
