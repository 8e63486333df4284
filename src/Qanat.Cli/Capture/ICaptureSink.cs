using Qanat.Packets;

namespace Qanat.Cli.Capture;

/// <summary>Where captured packets go: the terminal, or a file.</summary>
internal interface ICaptureSink : IDisposable
{
    /// <summary>Takes a packet.</summary>
    void Take(CaptureInterface where, in CapturedPacket packet, ReadOnlySpan<byte> bytes);

    /// <summary>Passes on what has been kept back. Called when no packet has come for a moment, and at the end.</summary>
    void Flush();

    /// <summary>The capture ends: so many packets were lost.</summary>
    void End(ulong dropped);
}
