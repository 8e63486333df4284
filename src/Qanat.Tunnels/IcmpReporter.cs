using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The ICMP errors that tunnels owe: to the senders of inner packets and of outer ones. Each is a whole IPv4 packet whose
/// source the way out fills in, by the route to the sender, as the kernel's icmp_send does.
/// </summary>
internal sealed class IcmpReporter(PacketQueue queue, TimeProvider time)
{
    private readonly IcmpRateLimiter _limiter = new(time);

    /// <summary>The inner packet needs cutting, and has DF: the path takes <paramref name="mtu"/> bytes of it.</summary>
    public void FragmentationNeeded(ReadOnlySpan<byte> packet, int mtu) => Report(packet, IcmpError.FragmentationNeeded(mtu));

    /// <summary>The path has reported an error for an earlier packet of the tunnel.</summary>
    public void HostUnreachable(ReadOnlySpan<byte> packet) => Report(packet, IcmpError.Unreachable(IcmpUnreachableCode.Host));

    /// <summary>No tunnel wants the outer packet (net/ipv4/tunnel4.c).</summary>
    public void PortUnreachable(ReadOnlySpan<byte> packet) => Report(packet, IcmpError.Unreachable(IcmpUnreachableCode.Port));

    /// <summary>
    /// Tells our own host's stack the MTU of an inner route, where the kernel would have set it (skb_dst_update_pmtu). The
    /// error quotes an echo reply: for one of those the stack updates the route and bothers no socket (icmp_err).
    /// </summary>
    public void UpdatePathMtu(in IPv4Header inner, int mtu)
    {
        Span<byte> reply = stackalloc byte[IPv4Header.MinSize + IcmpHeader.Size];
        reply.Clear();
        IPv4Header.Write(
            reply, inner.TypeOfService, reply.Length, 0, true, inner.TimeToLive, IpProtocol.Icmp, inner.Source, inner.Destination);
        Report(reply, IcmpError.FragmentationNeeded(mtu));
    }

    /// <summary>Sends what was reported.</summary>
    public void Flush() => queue.Flush();

    private void Report(ReadOnlySpan<byte> packet, IcmpError error)
    {
        if (!IPv4Header.TryParse(packet, out var about) || !IcmpError.MayReplyTo(about) || !_limiter.Allow(error, about.Source))
            return;
        var index = queue.Add(IcmpError.MaxLength);
        if (index >= 0 && error.TryBuild(packet, IPv4Address.Any, 0, queue.Batch.Bytes(index), out var length))
            queue.Batch.ResizeLast(length);
        else if (index >= 0)
            queue.Batch.RemoveLast();
    }
}
