using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// What one inner packet becomes: the segments of a super-packet, each with the Ethernet header if there is one, or itself
/// with its checksum completed.
/// </summary>
internal ref struct InnerSegments
{
    private readonly ReadOnlySpan<byte> _packet;
    private readonly int _network;
    private Segmenter _segmenter;
    private bool _written;

    private InnerSegments(ReadOnlySpan<byte> packet, int network, Segmenter segmenter, bool isSuper)
    {
        _packet = packet;
        _network = network;
        _segmenter = segmenter;
        IsSuper = isSuper;
    }

    /// <summary>Whether it is a super-packet, which becomes several.</summary>
    public bool IsSuper { get; }

    /// <summary>Bytes of the next one, of which the first is the longest; 0 after the last.</summary>
    public readonly int NextLength => IsSuper
        ? _segmenter.NextLength is var length and > 0 ? _network + length : 0
        : _written ? 0 : _packet.Length;

    /// <summary>False when the packet's offload facts make no sense.</summary>
    /// <param name="packet">The packet or frame; a partial checksum is completed in it.</param>
    /// <param name="network">Bytes of its Ethernet header.</param>
    /// <param name="info">Its offload facts; they say no more that a checksum is partial once it is complete.</param>
    /// <param name="segments">Writes what it becomes.</param>
    public static bool TryStart(Span<byte> packet, int network, scoped ref PacketInfo info, out InnerSegments segments)
    {
        Segmenter segmenter = default;
        var isSuper = info.Gso != GsoType.None;
        bool valid;
        if (isSuper)
        {
            valid = TryStartSuper(packet, network, in info, out segmenter);
        }
        else if (valid = ChecksumOffload.Complete(packet, in info))
        {
            if (info.Checksum == ChecksumState.Partial)
                info.Checksum = ChecksumState.Valid;
        }
        segments = new(packet, network, segmenter, isSuper);
        return valid;
    }

    /// <summary>Writes the next one, complete.</summary>
    public void WriteNext(Span<byte> destination)
    {
        if (IsSuper)
        {
            _packet[.._network].CopyTo(destination);
            _segmenter.WriteNext(destination[_network..]);
        }
        else
        {
            _packet.CopyTo(destination);
        }
        _written = true;
    }

    // The segmenter counts from the network header, the facts of a frame from its first byte.
    private static bool TryStartSuper(ReadOnlySpan<byte> packet, int network, scoped in PacketInfo info, out Segmenter segmenter)
    {
        var inside = info;
        inside.ChecksumStart -= (ushort)Math.Min(network, info.ChecksumStart);
        return Segmenter.TryStart(packet[network..], in inside, out segmenter);
    }
}
