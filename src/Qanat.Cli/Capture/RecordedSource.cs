using Qanat.Cli.Iproute2;
using Qanat.Packets;

namespace Qanat.Cli.Capture;

/// <summary>
/// The packets of a pcapng stream: a file, or what our daemon sends of a tunnel, where inner and outer packets of one journey
/// have one number. A filter that accepts one of them accepts the whole journey.
/// </summary>
internal sealed class RecordedSource(Stream stream, CaptureFilters filters) : ICaptureSource
{
    // A journey's first packets, which may be what carries the one that is accepted.
    private const int MaxHeldBack = 4;

    private readonly PcapngReader _reader = new(stream);
    private readonly List<(CaptureInterface Where, CapturedPacket Packet, byte[] Bytes)> _heldBack = [];
    private ulong _journey;
    private bool _accepted;
    private volatile bool _disposed;

    /// <inheritdoc/>
    public ulong Dropped => _reader.Statistics.Aggregate(0UL, (sum, statistics) => sum + statistics.Dropped);

    /// <inheritdoc/>
    public void Run(ICaptureSource.Taker take)
    {
        try
        {
            while (_reader.TryRead(out var packet, out var bytes))
                if (!Pass(_reader.Interfaces[packet.Interface], packet, bytes, take))
                    return;
        }
        catch (Exception ended) when (_disposed && ended is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // We were told to end.
        }
        catch (HttpIOException)
        {
            throw CommandFailure.Refusal("The daemon that keeps the tunnel has ended.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        stream.Dispose();
    }

    private bool Pass(CaptureInterface where, in CapturedPacket packet, ReadOnlySpan<byte> bytes, ICaptureSource.Taker take)
    {
        if (packet.Id == 0 || packet.Id != _journey)
        {
            (_journey, _accepted) = (packet.Id, false);
            _heldBack.Clear();
        }

        if (!_accepted && !filters.Accept(where.LinkType, bytes, packet.OriginalLength))
        {
            if (packet.Id != 0 && _heldBack.Count < MaxHeldBack)
                _heldBack.Add((where, packet, bytes.ToArray()));
            return true;
        }

        _accepted = true;
        foreach (var (earlierWhere, earlier, earlierBytes) in _heldBack)
            if (!take(earlierWhere, earlier, earlierBytes))
                return false;
        _heldBack.Clear();
        return take(where, packet, bytes);
    }
}
