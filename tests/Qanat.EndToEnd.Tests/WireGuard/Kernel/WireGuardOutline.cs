using System.Buffers.Binary;

namespace Qanat.EndToEnd.Tests.WireGuard.Kernel;

/// <summary>
/// A datagram of WireGuard's in words, apart from the library under test and without what no two have in common: identifications,
/// addresses, sums (which are checked instead), indices, numbers, and all that is sealed.
/// </summary>
internal static class WireGuardOutline
{
    private const int Udp = 17;

    /// <summary>Describes a packet; null when it is not of a port.</summary>
    /// <param name="packet">From its IP header on.</param>
    /// <param name="port">The port that it comes from, if it is to be described.</param>
    public static string? Of(ReadOnlyMemory<byte> packet, int port)
    {
        var ip = packet.Span;
        var isIPv4 = ip[0] >> 4 == 4;
        if (ip[isIPv4 ? 9 : 6] != Udp)
            return null;
        var udp = ip[(isIPv4 ? 20 : 40)..];
        if (Word(udp, 0) != port)
            return null;
        var header = isIPv4
            ? $"ip tos {ip[1]:x2} ttl {ip[8]} flags {Word(ip, 6):x4} length {Word(ip, 2)}"
            : $"ip6 class {Word(ip, 0) >> 4 & 0xFF:x2} label {Word(ip, 2) + ((ip[1] & 15) << 16):x} hops {ip[7]} length {Word(ip, 4)}";
        return $"{header} | udp {Word(udp, 4)}{SumOf(isIPv4 ? ip[12..20] : ip[8..40], udp)} | {Message(udp[8..])}";
    }

    // Whitepaper, 5.4: the type, three reserved bytes, and what follows by length.
    private static string Message(ReadOnlySpan<byte> message) => message[0] switch
    {
        1 or 2 => $"{Beginning(message)} {(message[^16..].IndexOfAnyExcept((byte)0) < 0 ? "without" : "with")} cookie",
        _ => Beginning(message),
    };

    private static string Beginning(ReadOnlySpan<byte> message) => $"{Convert.ToHexString(message[..4])} {message.Length}";

    private static string SumOf(ReadOnlySpan<byte> addresses, ReadOnlySpan<byte> udp)
    {
        if (Word(udp, 6) == 0)
            return " no sum";
        var sum = (uint)(Udp + udp.Length);
        foreach (var part in (ReadOnlySpan<byte[]>)[addresses.ToArray(), udp.ToArray()])
            for (var i = 0; i < part.Length; i++)
                sum += (uint)(part[i] << (i % 2 == 0 ? 8 : 0));
        return sum % 0xFFFF == 0 ? "" : " bad sum";
    }

    private static int Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
}
