using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>
/// IPv4 in IPv4 with the smaller header of RFC 2004: the packet keeps its own IP header, with other addresses, and a minimal
/// forwarding header of 8 or 12 bytes remembers what was there. What may not be shortened so, a fragment, or has options,
/// which would act on the way, goes as ipip does.
/// </summary>
internal sealed class Minimal : Mode
{
    private const int ProtocolOffset = 9;

    public override string Name => "minimal";

    public override TunnelGroup Group => TunnelGroup.Minimal;

    public override IReadOnlyList<IpProtocol> Receives { get; } = [IpProtocol.MinimalEncapsulation, IpProtocol.IpIp];

    public override bool Carries(EtherType protocol) => protocol == EtherType.IPv4;

    public override IpProtocol OuterProtocol(EtherType inner) => IpProtocol.IpIp;

    // One IP header serves both ends, so its DF is the sender's.
    public override bool DontFragment(TunnelParameters parameters, in InnerPacket inner) =>
        IsShortened(inner.Packet) ? inner.DontFragment : base.DontFragment(parameters, inner);

    public override int HeaderLength(TunnelParameters parameters, in InnerPacket inner, IpAddress source) => IsShortened(inner.Packet)
        ? MinimalForwardingHeader.SizeOf(hasOriginalSource: inner.Source != source) - IPv4Header.MinSize
        : 0;

    // TOS, id, DF and TTL stay the sender's (RFC 2004, 3.2): the inner header, moved to the front, becomes the outer one.
    public override void WriteHeaders(Tunnel tunnel, EtherType inner, in OuterHeader outer, int headerLength, Span<byte> packet)
    {
        if (headerLength == 0)
        {
            base.WriteHeaders(tunnel, inner, outer, headerLength, packet);
            return;
        }
        Span<byte> original = stackalloc byte[IPv4Header.MinSize];
        packet.Slice(IPv4Header.MinSize + headerLength, IPv4Header.MinSize).CopyTo(original);
        outer.Write(packet, 0);
        var (source, destination) = (IPv4Address.Read(packet[12..]), IPv4Address.Read(packet[16..]));
        IPv4Address? originalSource = IPv4Address.Read(original[12..]) is var address && address != source ? address : null;
        MinimalForwardingHeader.Write(
            packet[IPv4Header.MinSize..], (IpProtocol)original[ProtocolOffset], IPv4Address.Read(original[16..]), originalSource);

        original.CopyTo(packet);
        Replace(packet, packet.Length, IpProtocol.MinimalEncapsulation, source, destination);
    }

    /// <summary>
    /// Writes the packet that was shortened into <paramref name="outer"/>, options included, to the start of
    /// <paramref name="restored"/>, which must have room for as many bytes.
    /// </summary>
    /// <returns>Its bytes.</returns>
    public static int Restore(in OuterPacket outer, Span<byte> restored)
    {
        if (!MinimalForwardingHeader.TryParse(outer.Payload, out var header))
            return 0;
        var ip = outer.Bytes[..((outer.Bytes[0] & 0xF) * 4)];
        ip.CopyTo(restored);
        header.Payload.CopyTo(restored[ip.Length..]);
        var length = ip.Length + header.Payload.Length;
        Replace(
            restored, length, header.Protocol, header.HasOriginalSource ? header.OriginalSource : outer.Source.IPv4,
            header.OriginalDestination);
        return length;
    }

    private static bool IsShortened(ReadOnlySpan<byte> packet) =>
        IPv4Header.TryParse(packet, out var ip) && ip.HeaderLength == IPv4Header.MinSize && !ip.IsFragment;

    private static void Replace(Span<byte> packet, int length, IpProtocol protocol, IPv4Address source, IPv4Address destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)length);
        packet[ProtocolOffset] = (byte)protocol;
        source.Write(packet[12..]);
        destination.Write(packet[16..]);
        IPv4Header.UpdateChecksum(packet);
    }
}
