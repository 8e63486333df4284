using Qanat.Packets;

namespace Qanat.Hosts.Tests;

/// <summary>Views of what must be there.</summary>
internal static class View
{
    public static EthernetHeader Frame(ReadOnlySpan<byte> frame) => EthernetHeader.TryParse(frame, out var header) ? header : throw None();

    public static ArpHeader Arp(ReadOnlySpan<byte> message) => ArpHeader.TryParse(message, out var header) ? header : throw None();

    public static IPv4Header IPv4(ReadOnlySpan<byte> packet) =>
        IPv4Header.TryParse(packet, out var header) && header.HasValidChecksum ? header : throw None();

    public static IPv6Header IPv6(ReadOnlySpan<byte> packet) => IPv6Header.TryParse(packet, out var header) ? header : throw None();

    public static IcmpHeader Icmp(ReadOnlySpan<byte> message) =>
        IcmpHeader.TryParse(message, out var header) && header.HasValidChecksum ? header : throw None();

    /// <summary>The ICMPv6 message right behind the header of a packet.</summary>
    public static Icmpv6Header Icmpv6(IPv6Header packet) =>
        Icmpv6Header.TryParse(packet.Payload, out var header) && header.HasValidChecksum(packet.Source, packet.Destination)
            ? header
            : throw None();

    private static InvalidOperationException None() => new("That is not what it should be.");
}
