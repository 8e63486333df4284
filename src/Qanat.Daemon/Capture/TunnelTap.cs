using System.Buffers;
using Qanat.Daemon.Control;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Capture;

/// <summary>
/// A client's view of a tunnel's packets, as a pcapng stream with two interfaces: the device, and the wire. Packets of one
/// journey have one id. The tunnel's worker writes and never waits: what a slow client has no room for is counted, and told.
/// </summary>
internal sealed class TunnelTap : IJourneyObserver, IDisposable
{
    /// <summary>Bytes that may wait for the client.</summary>
    public const int Room = 4 << 20;

    private const int Device = 0, Wire = 1, BlockOverhead = 96;

    private static readonly string[] Comments =
        [.. CounterReports.DropReasons.Select(drop => $"dropped: {drop.Name.Replace('-', ' ')}")];

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _filled = new(0, 1);
    private readonly ArrayBufferWriter<byte> _waiting = new(64 * 1024);
    private readonly PcapngWriter _writer;
    private readonly TimeProvider _time;
    private readonly int _snapLength;
    private readonly CaptureStatistics[] _statistics = new CaptureStatistics[2];
    private CaptureDirection _direction;
    private ulong _journey;
    private ulong _told;
    private bool _ended;
    private bool _disposed;

    /// <summary>A view of nothing yet.</summary>
    /// <param name="tunnel">The tunnel's name.</param>
    /// <param name="inner">What its device's packets begin with.</param>
    /// <param name="snapLength">Bytes of each packet to keep; 0 for all.</param>
    /// <param name="time">The clock.</param>
    public TunnelTap(string tunnel, CaptureLinkType inner, int snapLength, TimeProvider time)
    {
        (_snapLength, _time) = (snapLength > 0 ? snapLength : PacketBatch.MaxPacketLength, time);
        _writer = new(_waiting, "qanat", "Linux");
        _writer.AddInterface(new(tunnel, inner, _snapLength, "inner: what the tunnel carries"));
        _writer.AddInterface(new($"{tunnel} outer", CaptureLinkType.Raw, _snapLength, "outer: what carries it on the wire"));
        _filled.Release();
    }

    /// <inheritdoc/>
    public void OnBegin(JourneySide side, ReadOnlySpan<byte> packet, DropReason? dropped = null)
    {
        _journey++;
        _direction = side == JourneySide.Inner ? CaptureDirection.Outbound : CaptureDirection.Inbound;
        Write(side, packet, dropped is { } reason ? Comments[(int)reason] : null);
    }

    /// <inheritdoc/>
    public void OnContinue(JourneySide side, ReadOnlySpan<byte> packet) => Write(side, packet, null);

    /// <inheritdoc/>
    public void OnEnd()
    {
        lock (_gate)
        {
            _ended = true;
            Wake();
        }
    }

    /// <summary>Copies what waits to <paramref name="output"/>, again and again, until the tunnel ends or it is cancelled.</summary>
    public async Task CopyToAsync(Stream output, CancellationToken cancellation)
    {
        // Used again and again: the worker waits at the gate for no more than the copy.
        var block = Array.Empty<byte>();
        var ended = false;
        while (!ended)
        {
            await _filled.WaitAsync(cancellation).ConfigureAwait(false);
            int length;
            lock (_gate)
            {
                TellDropped();
                length = _waiting.WrittenCount;
                if (block.Length < length)
                    block = GC.AllocateUninitializedArray<byte>(_waiting.Capacity);
                _waiting.WrittenSpan.CopyTo(block);
                _waiting.ResetWrittenCount();
                ended = _ended;
            }

            await output.WriteAsync(block.AsMemory(0, length), cancellation).ConfigureAwait(false);
            await output.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _filled.Dispose();
        }
    }

    private void Write(JourneySide side, ReadOnlySpan<byte> bytes, string? comment)
    {
        var number = side == JourneySide.Inner ? Device : Wire;
        var packet = new CapturedPacket
        {
            Interface = number,
            Timestamp = Now,
            OriginalLength = bytes.Length,
            Id = _journey,
            Direction = _direction,
            Comment = comment,
        };
        bytes = bytes[..Math.Min(bytes.Length, _snapLength)];
        lock (_gate)
        {
            ref var statistics = ref _statistics[number];
            statistics = statistics with { Received = statistics.Received + 1 };
            if (_ended || _waiting.WrittenCount + bytes.Length + BlockOverhead > Room)
            {
                statistics = statistics with { Dropped = statistics.Dropped + 1 };
                return;
            }

            _writer.Write(packet, bytes);
            Wake();
        }
    }

    private void TellDropped()
    {
        var dropped = _statistics[Device].Dropped + _statistics[Wire].Dropped;
        if (dropped == _told && !_ended)
            return;
        _told = dropped;
        _writer.Write(Device, Now, _statistics[Device]);
        _writer.Write(Wire, Now, _statistics[Wire]);
    }

    // Within the gate; nobody else releases. A call of the worker's may still be under way when the client has gone.
    private void Wake()
    {
        if (!_disposed && _filled.CurrentCount == 0)
            _filled.Release();
    }

    private long Now => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
}
