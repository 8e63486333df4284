using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>The GRE header of a tunnel, over either IP version: what it has, how it is written, what must arrive.</summary>
internal static class GreFields
{
    /// <summary>Bytes of the header of leaving packets.</summary>
    public static int Length(GreParameters gre) => GreHeader.SizeOf(gre.OutputChecksum, gre.OutputKey is not null, gre.OutputSequence);

    /// <summary>Writes it in front of the inner packet.</summary>
    public static void Write(Tunnel tunnel, EtherType protocol, Span<byte> payload)
    {
        var gre = tunnel.Parameters.Gre;
        uint? sequence = gre.OutputSequence ? tunnel.NextOutput++ : null;
        GreHeader.Write(payload, protocol, gre.OutputChecksum, gre.OutputKey, sequence);
    }

    /// <summary>
    /// As ip_tunnel_rcv: the checksum must be there if, and only if, it is asked for; a number may jump, but not back.
    /// </summary>
    public static DropReason? Refuse(Tunnel tunnel, in TunnelHeader header)
    {
        var gre = tunnel.Parameters.Gre;
        if (header.HasChecksum != gre.InputChecksum)
            return DropReason.ChecksumError;
        if (!gre.InputSequence)
            return null;
        if (header.Sequence is not { } sequence || tunnel.NextInput != 0 && (int)(sequence - tunnel.NextInput) < 0)
            return DropReason.OutOfSequence;
        tunnel.NextInput = sequence + 1;
        return null;
    }
}
