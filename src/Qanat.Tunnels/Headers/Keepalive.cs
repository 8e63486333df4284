using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The keepalives of GRE that routers send: inside is a GRE packet that is addressed back to its sender, with protocol 0 and
/// nothing in it. Whoever sends it back by its own header has answered.
/// </summary>
internal static class Keepalive
{
    /// <summary>True when <paramref name="inner"/>, of <paramref name="outer"/>, is one.</summary>
    public static bool Is(ReadOnlySpan<byte> inner, in OuterPacket outer) =>
        outer.Protocol == IpProtocol.Gre && IPv4Header.TryParse(inner, out var back) && back.Protocol == IpProtocol.Gre &&
        back.Source == outer.Destination.IPv4 && back.Destination == outer.Source.IPv4 && !outer.IsIPv6 &&
        GreHeader.TryParse(back.Payload, out var gre) && gre.Protocol == 0;
}
