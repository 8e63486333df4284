namespace Qanat.WireGuard;

/// <summary>
/// The counters of a peer, or of a device for what no peer can be told to have sent. Written by the worker alone, read by anyone.
/// </summary>
public sealed class WireGuardCounters
{
    private const int Reasons = (int)DropReason.PacketTooBig + 1;

    private long[]? _drops;

    /// <summary>Bytes of the messages that arrived and were authentic, as <c>wg show</c> has it: UDP payloads.</summary>
    public long RxBytes;

    /// <summary>Bytes of the messages that left, as <c>wg show</c> has it: UDP payloads.</summary>
    public long TxBytes;

    /// <summary>Inner packets that arrived and were handed to the device.</summary>
    public long RxPackets;

    /// <summary>Inner packets that left.</summary>
    public long TxPackets;

    /// <summary>Packets dropped for <paramref name="reason"/>.</summary>
    public long Dropped(DropReason reason) => Volatile.Read(ref _drops) is { } drops ? Volatile.Read(ref drops[(int)reason]) : 0;

    /// <summary>One was dropped, or several. A peer of which nothing was ever dropped needs no memory for it.</summary>
    internal void Drop(DropReason reason, long packets = 1) => (_drops ??= new long[Reasons])[(int)reason] += packets;
}
