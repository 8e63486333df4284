using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The ICMP and ICMPv6 errors that tunnels owe: to the senders of inner packets, whole or as an error about the outer packet
/// quotes them, and of outer ones. Each is a whole IP packet
/// whose source the way out fills in, by the route to the sender, as the kernel's icmp_send does.
/// </summary>
/// <remarks>A link is the interface that the sender is behind: where one sends from is all that tells link-local senders apart.</remarks>
internal sealed class IcmpReporter(PacketQueue queue, TimeProvider time)
{
    private readonly IcmpRateLimiter _limiter = new(time);

    /// <summary>The packet is larger than the path, which takes <paramref name="mtu"/> bytes of it, and may not be cut.</summary>
    public void TooBig(ReadOnlySpan<byte> packet, int link, int mtu) =>
        Report(packet, link, IcmpError.FragmentationNeeded(mtu), Icmpv6Error.PacketTooBig(mtu));

    /// <summary>The IPv6 packet may enter no further tunnel, as the byte at <paramref name="offset"/> says.</summary>
    public void ErroneousField(ReadOnlySpan<byte> packet, int link, int offset) =>
        Report(packet, link, Icmpv6Error.ErroneousField(offset));

    /// <summary>The path has reported an error for an earlier packet of the tunnel.</summary>
    public void LinkFailure(ReadOnlySpan<byte> packet, int link) => Report(
        packet, link, IcmpError.Unreachable(IcmpUnreachableCode.Host), Icmpv6Error.Unreachable(Icmpv6UnreachableCode.Address));

    /// <summary>
    /// The path has reported an error that quotes the inner packet. It comes from our own address: the kernel would name the
    /// router as ::ffff:192.0.2.254, which it then does not let out itself (ip6_dst_lookup_tail).
    /// </summary>
    public void Translated(ReadOnlySpan<byte> packet, int link, Icmpv6Error error, ReadOnlySpan<byte> extensions) =>
        Report(packet, link, error, extensions);

    /// <summary>No tunnel wants the outer packet (net/ipv4/tunnel4.c, net/ipv6/tunnel6.c).</summary>
    public void PortUnreachable(ReadOnlySpan<byte> packet, int link) => Report(
        packet, link, IcmpError.Unreachable(IcmpUnreachableCode.Port), Icmpv6Error.Unreachable(Icmpv6UnreachableCode.Port));

    /// <summary>
    /// Tells our own host's stack the MTU of an inner route, where the kernel would have set it (skb_dst_update_pmtu). The
    /// error quotes an echo reply: for one of those the stack updates the route and bothers no socket (icmp_err).
    /// </summary>
    public void UpdatePathMtu(IPv4Address source, IPv4Address destination, int mtu)
    {
        Span<byte> reply = stackalloc byte[IPv4Header.MinSize + IcmpHeader.Size];
        reply.Clear();
        IPv4Header.Write(reply, 0, reply.Length, 0, true, 64, IpProtocol.Icmp, source, destination);
        Report(reply, IcmpError.FragmentationNeeded(mtu));
    }

    /// <summary>Sends what was reported.</summary>
    public void Flush() => queue.Flush();

    private void Report(ReadOnlySpan<byte> packet, int link, IcmpError error, Icmpv6Error error6)
    {
        if (packet.IsEmpty)
            return;
        if (InnerPacket.ProtocolOf(packet[0]) == EtherType.IPv6)
            Report(packet, link, error6);
        else
            Report(packet, error);
    }

    private void Report(ReadOnlySpan<byte> packet, IcmpError error)
    {
        if (!IPv4Header.TryParseQuoted(packet, out var about) || !IcmpError.MayReplyTo(about) || !_limiter.Allow(error, about.Source))
            return;
        var index = queue.Add(IcmpError.MaxLength);
        if (index >= 0 && error.TryBuild(packet, IPv4Address.Any, 0, queue.Batch.Bytes(index), out var length))
            queue.Batch.ResizeLast(length);
        else if (index >= 0)
            queue.Batch.RemoveLast();
    }

    private void Report(ReadOnlySpan<byte> packet, int link, Icmpv6Error error, ReadOnlySpan<byte> extensions = default)
    {
        if (!IPv6Header.TryParseQuoted(packet, out var about) || !error.MayReplyTo(about) || !_limiter.Allow(error, about.Source))
            return;
        var index = queue.Add(Icmpv6Error.MaxLength);
        if (index >= 0 && error.TryBuild(packet, IPv6Address.Any, queue.Batch.Bytes(index), out var length, extensions: extensions))
        {
            queue.Batch.ResizeLast(length);
            queue.Batch[index].Link = about.Source.IsLinkLocal ? link : 0;
        }
        else if (index >= 0)
            queue.Batch.RemoveLast();
    }
}
