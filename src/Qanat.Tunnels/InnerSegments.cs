using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>What one inner packet becomes: the segments of a super-packet, or itself with its checksum completed.</summary>
internal ref struct InnerSegments
{
    private readonly ReadOnlySpan<byte> _packet;
    private readonly bool _isSuper;
    private Segmenter _segmenter;
    private bool _written;

    private InnerSegments(ReadOnlySpan<byte> packet, Segmenter segmenter, bool isSuper)
    {
        _packet = packet;
        _segmenter = segmenter;
        _isSuper = isSuper;
    }

    /// <summary>Bytes of the next one, of which the first is the longest; 0 after the last.</summary>
    public readonly int NextLength => _isSuper ? _segmenter.NextLength : _written ? 0 : _packet.Length;

    /// <summary>False when the packet's offload facts make no sense.</summary>
    public static bool TryStart(Span<byte> packet, scoped in PacketInfo info, out InnerSegments segments)
    {
        Segmenter segmenter = default;
        var isSuper = info.Gso != GsoType.None;
        var valid = isSuper ? Segmenter.TryStart(packet, in info, out segmenter) : ChecksumOffload.Complete(packet, in info);
        segments = new(packet, segmenter, isSuper);
        return valid;
    }

    /// <summary>Writes the next one, complete.</summary>
    public void WriteNext(Span<byte> destination)
    {
        if (_isSuper)
            _segmenter.WriteNext(destination);
        else
            _packet.CopyTo(destination);
        _written = true;
    }
}
