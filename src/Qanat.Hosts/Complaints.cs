using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>
/// Tells senders by ICMP and ICMPv6 what the host cannot do with their packets: never about errors, not to many, and not
/// too often.
/// </summary>
internal sealed class Complaints(LocalAddresses local, Outlet outlet, TimeProvider time)
{
    private readonly IcmpRateLimiter _limiter = new(time);

    /// <summary>Sends <paramref name="error"/> about an IPv4 packet.</summary>
    /// <returns><paramref name="done"/>, or why nothing was sent.</returns>
    public HostEvent Send(in Arrival arrival, IcmpError error, HostEvent done)
    {
        if (!IPv4Header.TryParse(arrival.Packet, out var packet) || !local.IsOwn(packet.Destination) ||
            !IcmpError.MayReplyTo(packet, arrival.ForMany))
            return HostEvent.NotAnswerable;
        if (!_limiter.Allow(error, packet.Source))
            return HostEvent.RateLimited;
        error.TryBuild(arrival.Packet, packet.Destination, outlet.NextIdentification(), outlet.Scratch, out var length);
        outlet.SendIPv4(outlet.Scratch[..length], arrival.Sender);
        return done;
    }

    /// <summary>Sends <paramref name="error"/> about an IPv6 packet.</summary>
    /// <returns><paramref name="done"/>, or why nothing was sent.</returns>
    public HostEvent Send(in Arrival arrival, Icmpv6Error error, HostEvent done)
    {
        if (!IPv6Header.TryParse(arrival.Packet, out var packet) || !error.MayReplyTo(packet, arrival.ForMany))
            return HostEvent.NotAnswerable;
        var source = packet.Destination;
        if (source.IsMulticast && !local.TryChooseSource(packet.Source, out source))
            return HostEvent.NotAnswerable;
        if (!_limiter.Allow(error, packet.Source))
            return HostEvent.RateLimited;
        error.TryBuild(arrival.Packet, source, outlet.Scratch, out var length, arrival.ForMany);
        outlet.SendIPv6(outlet.Scratch[..length], arrival.Sender);
        return done;
    }
}
