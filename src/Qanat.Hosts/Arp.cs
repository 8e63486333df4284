using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>Tells where the host's IPv4 addresses are (RFC 826), as arp_process in net/ipv4/arp.c does.</summary>
internal sealed class Arp(HostOptions options, LocalAddresses local, Outlet outlet)
{
    /// <summary>
    /// Answers a request for an address of the host's, probes for duplicates (RFC 5227, from 0.0.0.0) among them. Replies and
    /// announcements teach the host nothing, for it answers to where a frame came from.
    /// </summary>
    public Exchange Take(in Arrival arrival)
    {
        if (arrival.Packet.Length < ArpHeader.Size)
            return new(HostEvent.PacketTooSmall);
        if (!ArpHeader.TryParse(arrival.Packet, out var message))
            return new(HostEvent.ArpInvalid);
        var (asker, target) = (message.SenderProtocolAddress, message.TargetProtocolAddress);
        var exchange = new Exchange(HostEvent.ArpIgnored) { Source = IpAddress.From(asker), Target = IpAddress.From(target) };
        if (message.Operation != ArpOperation.Request || !local.IsOwn(target))
            return exchange;

        // Who claims an address of ours is not told that it is ours: the kernel takes such a sender for a martian.
        var isProbe = asker.IsAny;
        var hardware = message.SenderHardwareAddress;
        if (hardware.IsMulticast || hardware == default || !isProbe && !IPv4Input.IsSource(asker) || local.IsOwn(asker))
            return exchange with { Event = HostEvent.ArpInvalid };
        var reply = outlet.Scratch[..ArpHeader.Size];
        ArpHeader.Write(reply, ArpOperation.Reply, options.MacAddress, target, hardware, asker);
        outlet.Send(reply, EtherType.Arp, hardware);
        return exchange with { Event = HostEvent.ArpReply };
    }
}
