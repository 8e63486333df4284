using System.Net.Sockets;
using Qanat.Packets;

namespace Qanat.Ipsec;

/// <summary>What was in an ESP packet.</summary>
/// <param name="Offset">Where it begins, in bytes from the ESP header.</param>
/// <param name="Length">Its bytes, without padding.</param>
/// <param name="NextHeader">What it is: 4 or 41 in tunnel mode.</param>
public readonly record struct EspPayload(int Offset, int Length, IpProtocol NextHeader);

/// <summary>ESP in place (RFC 4303), in the order in which the kernel checks (net/xfrm/xfrm_input.c, xfrm_output.c, net/ipv4/esp4.c).</summary>
public static class Esp
{
    private const int PadLengthFromEnd = 2, NextHeaderFromEnd = 1;

    /// <summary>Seals a packet in place. False with the reason when that is not to be.</summary>
    /// <param name="state">The state.</param>
    /// <param name="packet">
    /// All of the ESP packet to be, <see cref="SecurityAssociation.SealedLength"/> bytes, with the inner packet already
    /// in it, <see cref="SecurityAssociation.HeaderLength"/> bytes from its beginning.
    /// </param>
    /// <param name="innerLength">Bytes of the inner packet.</param>
    /// <param name="nextHeader">4 or 41 in tunnel mode; the protocol in transport mode.</param>
    /// <param name="reason">Why not.</param>
    public static bool TrySeal(SecurityAssociation state, Span<byte> packet, int innerLength, IpProtocol nextHeader, out XfrmReason reason)
    {
        ArgumentNullException.ThrowIfNull(state);
        reason = XfrmReason.XfrmOutStateInvalid;
        if (state.Status != XfrmStateStatus.Valid)
            return false;
        reason = XfrmReason.XfrmOutStateProtoError;
        if (innerLength <= 0 || packet.Length != state.SealedLength(innerLength))
            return false;
        reason = XfrmReason.XfrmOutStateExpired;
        if (!IsAlive(state))
            return false;
        reason = XfrmReason.XfrmOutStateSeqError;
        if (!state.TryAdvance(out var sequence))
            return false;

        state.Lifetime.Count(innerLength);
        EspHeader.Write(packet, state.Parameters.Spi, (uint)sequence);
        WriteTrailer(packet[(state.HeaderLength + innerLength)..^state.IcvLength], nextHeader);
        state.Sealer.Seal(packet, High(state, sequence), state.UniqueOf(sequence));
        reason = XfrmReason.None;
        return true;
    }

    /// <summary>Opens a packet in place. False with the reason when that is not to be; its bytes then have no meaning.</summary>
    /// <param name="state">The state that was found by its SPI.</param>
    /// <param name="packet">All of the ESP packet, and no more.</param>
    /// <param name="inUdp">Whether it came in UDP.</param>
    /// <param name="payload">What was in it.</param>
    /// <param name="reason">Why not. A dummy packet is no error, but has nothing in it either.</param>
    public static bool TryOpen(SecurityAssociation state, Span<byte> packet, bool inUdp, out EspPayload payload, out XfrmReason reason)
    {
        ArgumentNullException.ThrowIfNull(state);
        payload = default;
        reason = XfrmReason.XfrmInHdrError;
        if (!EspHeader.TryParse(packet, out var header))
            return false;
        reason = XfrmReason.XfrmInStateInvalid;
        if (state.Status != XfrmStateStatus.Valid)
            return false;
        reason = XfrmReason.XfrmInStateMismatch;
        if (inUdp != state.Parameters.Encapsulation is not null)
            return false;
        reason = XfrmReason.XfrmInStateSeqError;
        if (!IsNew(state, header.SequenceNumber, out var sequence))
            return false;
        reason = XfrmReason.XfrmInStateExpired;
        if (!IsAlive(state))
            return false;

        reason = XfrmReason.XfrmInStateProtoError;
        if (packet.Length <= state.HeaderLength + state.IcvLength)
            return false;
        if (!state.Opener.TryOpen(packet, High(state, sequence)))
        {
            state.IntegrityFailures++;
            return false;
        }
        if (!TryReadTrailer(packet[state.HeaderLength..^state.IcvLength], out var length, out var nextHeader))
            return false;

        // It is authentic: from here on it counts, whatever it is.
        state.Window.Accept(sequence);
        state.Lifetime.Count(length);
        payload = new(state.HeaderLength, length, nextHeader);
        reason = nextHeader == IpProtocol.NoNextHeader ? XfrmReason.Dummy
            : Carries(state, nextHeader, length) ? XfrmReason.None
            : XfrmReason.XfrmInStateModeError;
        return reason == XfrmReason.None;
    }

    private static bool IsAlive(SecurityAssociation state)
    {
        state.Lifetime.Use();
        if (!state.Lifetime.IsUsedUp())
            return true;
        state.Status = XfrmStateStatus.Expired;
        return false;
    }

    private static bool IsNew(SecurityAssociation state, uint low, out ulong sequence)
    {
        sequence = low;
        var verdict = state.HasExtendedSequence && !state.Window.TryExtend(low, out sequence)
            ? ReplayVerdict.Outside
            : state.Window.Judge(sequence);
        if (verdict == ReplayVerdict.Seen)
            state.Replays++;
        else if (verdict == ReplayVerdict.Outside)
            state.ReplayWindowErrors++;
        return verdict == ReplayVerdict.New;
    }

    private static uint? High(SecurityAssociation state, ulong sequence) => state.HasExtendedSequence ? (uint)(sequence >> 32) : null;

    // RFC 4303, 2.4: the padding counts up from 1.
    private static void WriteTrailer(Span<byte> trailer, IpProtocol nextHeader)
    {
        var padding = trailer[..^PadLengthFromEnd];
        for (var i = 0; i < padding.Length; i++)
            padding[i] = (byte)(i + 1);
        trailer[^PadLengthFromEnd] = (byte)padding.Length;
        trailer[^NextHeaderFromEnd] = (byte)nextHeader;
    }

    private static bool TryReadTrailer(ReadOnlySpan<byte> text, out int length, out IpProtocol nextHeader)
    {
        (length, nextHeader) = (0, default);
        if (text.Length < PadLengthFromEnd)
            return false;
        var padding = text[^PadLengthFromEnd];
        length = text.Length - PadLengthFromEnd - padding;
        nextHeader = (IpProtocol)text[^NextHeaderFromEnd];
        if (length <= 0)
            return false;
        for (var i = 0; i < padding; i++)
            if (text[length + i] != i + 1)
                return false;
        return true;
    }

    // A tunnel carries the family of its selector, both when that has none; at least a whole header of it.
    private static bool Carries(SecurityAssociation state, IpProtocol nextHeader, int length)
    {
        if (state.Parameters.Mode != XfrmMode.Tunnel)
            return true;
        var family = state.Parameters.Selector.Family;
        return nextHeader switch
        {
            IpProtocol.IpIp => family != AddressFamily.InterNetworkV6 && length >= IPv4Header.MinSize,
            IpProtocol.IPv6 => family != AddressFamily.InterNetwork && length >= IPv6Header.Size,
            _ => false,
        };
    }
}
