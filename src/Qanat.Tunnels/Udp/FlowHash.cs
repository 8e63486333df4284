using System.Buffers.Binary;
using System.Numerics;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// A number that packets of one flow have in common, and that others rarely share: it becomes a flow label or a source port,
/// so that routers on the way keep flows together and spread them. It tells nobody what it was made of.
/// </summary>
internal static class FlowHash
{
    private static readonly ulong s_seed = (ulong)Random.Shared.NextInt64() | 1;

    /// <summary>The hash of addresses, protocol and ports; of the Ethernet addresses where there is no IP packet.</summary>
    public static uint Of(in InnerPacket inner)
    {
        var hash = s_seed;
        if (inner.IsIPv4 && IPv4Header.TryParse(inner.Packet, out var ipv4))
        {
            Mix(ref hash, (ulong)ipv4.Source.Value << 32 | ipv4.Destination.Value);
            MixTransport(ref hash, ipv4.Protocol, ipv4.IsFragment ? [] : ipv4.Payload);
        }
        else if (inner.IsIPv6 && IPv6Header.TryParse(inner.Packet, out var ipv6))
        {
            var (source, destination) = (ipv6.Source.Value, ipv6.Destination.Value);
            Mix(ref hash, (ulong)(source >> 64));
            Mix(ref hash, (ulong)source);
            Mix(ref hash, (ulong)(destination >> 64));
            Mix(ref hash, (ulong)destination);
            MixTransport(ref hash, ipv6.NextHeader, ipv6.Payload);
        }
        else
        {
            foreach (var octet in inner.Bytes[..Math.Min(inner.Network, 2 * MacAddress.Size)])
                Mix(ref hash, octet);
        }
        return (uint)(hash >> 32);
    }

    private static void MixTransport(ref ulong hash, IpProtocol protocol, ReadOnlySpan<byte> payload)
    {
        var hasPorts = protocol is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp or IpProtocol.UdpLite && payload.Length >= 4;
        var ports = hasPorts ? BinaryPrimitives.ReadUInt32BigEndian(payload) : 0;
        Mix(ref hash, (ulong)protocol << 32 | ports);
    }

    // The finalizer of MurmurHash3, keyed by what came before.
    private static void Mix(ref ulong hash, ulong value)
    {
        hash ^= value;
        hash = (hash ^ hash >> 33) * 0xFF51AFD7ED558CCD;
        hash = BitOperations.RotateLeft((hash ^ hash >> 33) * 0xC4CEB9FE1A85EC53, 29);
    }
}
