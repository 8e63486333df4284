using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>A packet on its way up, without the frame that it came in.</summary>
internal readonly ref struct Arrival
{
    /// <summary>The packet from its network header on.</summary>
    public required ReadOnlySpan<byte> Packet { get; init; }

    /// <summary>Who sent the frame, and so is where answers go; zero on a link without Ethernet.</summary>
    public MacAddress Sender { get; init; }

    /// <summary>True when the frame was for many (PACKET_BROADCAST, PACKET_MULTICAST).</summary>
    public bool ForMany { get; init; }

    /// <summary>True when the transport checksum is known to be right, or still to be made by whoever sends the packet on.</summary>
    public bool ChecksumKnown { get; init; }

    /// <summary>The same frame's facts for the packet that its fragment completed.</summary>
    public Arrival With(ReadOnlySpan<byte> packet) => new() { Packet = packet, Sender = Sender, ForMany = ForMany };
}
