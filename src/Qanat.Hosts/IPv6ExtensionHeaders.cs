using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>
/// What a host does with the extension headers in front of a packet's contents, in their order (RFC 8200, 4;
/// net/ipv6/exthdrs.c): options are obeyed or refused, routing headers are not followed. It ends at a fragment header too.
/// </summary>
internal readonly struct IPv6ExtensionHeaders
{
    // As the kernel's max_dst_opts_number and max_hbh_opts_number, and its limit of padding between two options.
    private const int MaxOptions = 8, MaxPadding = 7;
    private const int MaxHeaders = IPv6ExtensionChain.MaxHeaders;
    private const byte Pad1 = 0, PadN = 1, RouterAlert = 5;
    private const byte ParameterProblemHeader = 0, ParameterProblemOption = 2;

    // Types of routing header that the kernel knows, and drops unless told to follow them.
    private const byte RoutingRpl = 3, RoutingSegments = 4;

    /// <summary>What follows the headers.</summary>
    public IpProtocol Protocol { get; private init; }

    /// <summary>Where that begins, in bytes from the start of the IPv6 header.</summary>
    public int Offset { get; private init; }

    /// <summary>Where the Next Header field that announces it is.</summary>
    public int NextHeaderOffset { get; private init; }

    /// <summary>True when the packet is to be dropped in silence.</summary>
    public bool IsWrong { get; private init; }

    /// <summary>What its sender is to be told, when the packet is to be dropped with a word.</summary>
    public Icmpv6Error? Problem { get; private init; }

    private static IPv6ExtensionHeaders Wrong => new() { IsWrong = true };

    /// <summary>Reads the headers of a packet.</summary>
    public static IPv6ExtensionHeaders Read(IPv6Header packet)
    {
        var bytes = packet.Packet;
        var (next, announced, offset) = (packet.NextHeader, IPv6Header.NextHeaderOffset, IPv6Header.Size);
        for (var headers = 0; next is IpProtocol.HopByHopOptions or IpProtocol.DestinationOptions or IpProtocol.Routing; headers++)
        {
            var rest = bytes[offset..];
            var isMisplaced = next == IpProtocol.HopByHopOptions && headers != 0;
            if (headers == MaxHeaders || isMisplaced || rest.Length < 8 || (rest[1] + 1) * 8 > rest.Length)
                return Wrong;
            var length = (rest[1] + 1) * 8;
            var verdict = next == IpProtocol.Routing
                ? ReadRouting(rest, offset)
                : ReadOptions(rest[..length], offset, next == IpProtocol.HopByHopOptions, packet.Destination.IsMulticast);
            if (verdict.IsWrong || verdict.Problem is not null)
                return verdict;
            (next, announced, offset) = ((IpProtocol)rest[0], offset, offset + length);
        }
        return new() { Protocol = next, Offset = offset, NextHeaderOffset = announced };
    }

    private static IPv6ExtensionHeaders ReadRouting(ReadOnlySpan<byte> header, int offset)
    {
        var (type, segmentsLeft) = (header[2], header[3]);
        if (type is RoutingRpl or RoutingSegments)
            return Wrong;
        return segmentsLeft == 0 ? default : Say(ParameterProblemHeader, offset + 2);
    }

    private static IPv6ExtensionHeaders ReadOptions(ReadOnlySpan<byte> header, int offset, bool perHop, bool toMany)
    {
        var (options, padding) = (0, 0);
        for (int at = 2, length; at < header.Length; at += length)
        {
            var rest = header[at..];
            length = rest[0] == Pad1 ? 1 : rest.Length < 2 ? int.MaxValue : rest[1] + 2;
            if (length > rest.Length)
                return Wrong;
            if (rest[0] is Pad1 or PadN)
            {
                padding += length;
                if (padding > MaxPadding || length > 2 && rest[2..length].ContainsAnyExcept((byte)0))
                    return Wrong;
                continue;
            }
            padding = 0;
            if (++options > MaxOptions)
                return Wrong;
            if (perHop && rest[0] == RouterAlert)
            {
                if (length != 4)
                    return Wrong;
                continue;
            }
            // What to do with what one does not know is in the two highest bits: skip, drop, tell, tell unless it was for many.
            switch (rest[0] >> 6)
            {
                case 1 or 3 when toMany || rest[0] >> 6 == 1:
                    return Wrong;
                case not 0:
                    return Say(ParameterProblemOption, offset + at);
            }
        }
        return default;
    }

    private static IPv6ExtensionHeaders Say(byte code, int pointer) =>
        new() { Problem = new Icmpv6Error(Icmpv6Type.ParameterProblem, code, (uint)pointer) };
}
