using System.Buffers;
using Qanat.Cli.Commands.Help;
using Qanat.Packets;

namespace Qanat.Cli.Capture;

/// <summary>Writes a pcapng file, or a stream for Wireshark: an interface for each device and side.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="snapLength">Bytes that are kept of each packet; 0 for all.</param>
internal sealed class PcapngSink(Stream output, int snapLength) : ICaptureSink
{
    private const int FlushThreshold = 1 << 18;

    private readonly ArrayBufferWriter<byte> _buffer = new(FlushThreshold);
    // Two of one description are two all the same, as those of a file that was put together from the captures of two hosts.
    private readonly Dictionary<CaptureInterface, (int Number, ulong Packets)> _interfaces = new(ReferenceEqualityComparer.Instance);
    private PcapngWriter? _writer;
    private long _last;

    /// <inheritdoc/>
    public void Take(CaptureInterface where, in CapturedPacket packet, ReadOnlySpan<byte> bytes)
    {
        _writer ??= Begin();
        var (number, packets) = _interfaces.TryGetValue(where, out var known) ? known : (_writer.AddInterface(where), 0);
        _interfaces[where] = (number, packets + 1);
        _last = Math.Max(_last, packet.Timestamp);
        _writer.Write(packet with { Interface = number }, snapLength > 0 && bytes.Length > snapLength ? bytes[..snapLength] : bytes);
        if (_buffer.WrittenCount >= FlushThreshold)
            Flush();
    }

    /// <inheritdoc/>
    public void Flush()
    {
        _writer ??= Begin();
        output.Write(_buffer.WrittenSpan);
        output.Flush();
        _buffer.ResetWrittenCount();
    }

    /// <inheritdoc/>
    public void End(ulong dropped)
    {
        _writer ??= Begin();
        foreach (var (number, packets) in _interfaces.Values)
            _writer.Write(number, _last, new(packets, number == 0 ? dropped : 0));
        Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => output.Dispose();

    private PcapngWriter Begin() => new(_buffer, $"qanat {ProgramHelp.Version}", $"Linux {Environment.OSVersion.Version}");
}
