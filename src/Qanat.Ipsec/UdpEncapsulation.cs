using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Ipsec;

/// <summary>What a UDP payload at an IPsec port is (RFC 3948, 2).</summary>
public enum UdpPayload
{
    /// <summary>ESP.</summary>
    Esp,

    /// <summary>Key exchange, behind four zero bytes, the non-ESP marker; or too short for ESP.</summary>
    NonEsp,

    /// <summary>A single byte 0xFF that keeps a NAT's mapping alive; it is dropped.</summary>
    Keepalive,
}

/// <summary>ESP in UDP (RFC 3948; <c>struct xfrm_encap_tmpl</c> of the type UDP_ENCAP_ESPINUDP).</summary>
/// <param name="SourcePort">The source port of leaving packets.</param>
/// <param name="DestinationPort">Their destination port.</param>
public sealed record UdpEncapsulation(ushort SourcePort, ushort DestinationPort)
{
    /// <summary>
    /// The address before a NAT, which only the checksums of transport mode would need; it is kept, and nothing is done with it.
    /// </summary>
    public IpAddress OriginalAddress { get; init; }

    /// <summary>The port that IKE and ESP share.</summary>
    public const ushort WellKnownPort = 4500;

    /// <summary>What is sent to keep a NAT's mapping alive.</summary>
    public static ReadOnlySpan<byte> Keepalive => [0xFF];

    /// <summary>Says what a UDP payload is, as net/ipv4/xfrm4_input.c does.</summary>
    public static UdpPayload Classify(ReadOnlySpan<byte> payload)
    {
        if (payload.Length == 1 && payload[0] == 0xFF)
            return UdpPayload.Keepalive;
        return payload.Length > EspHeader.Size && BinaryPrimitives.ReadUInt32BigEndian(payload) != 0 ? UdpPayload.Esp : UdpPayload.NonEsp;
    }
}
