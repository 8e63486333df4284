using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>What stands between an outer IP header and the inner packet, as it was read.</summary>
/// <param name="Length">Its bytes; the inner packet follows.</param>
/// <param name="Protocol">What the inner packet is.</param>
internal readonly record struct TunnelHeader(int Length, EtherType Protocol)
{
    /// <summary>The key that a tunnel is found by, if there is one.</summary>
    public ulong? Key { get; init; }

    /// <summary>Whether there was a checksum; it has been verified.</summary>
    public bool HasChecksum { get; init; }

    /// <summary>The sequence number, if there is one.</summary>
    public uint? Sequence { get; init; }
}
