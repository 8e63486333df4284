using Qanat.Packets;

namespace Qanat.Cli.Capture;

/// <summary>Where captured packets come from: a device, our daemon, a file.</summary>
internal interface ICaptureSource : IDisposable
{
    /// <summary>What takes a packet: where it was, what is known of it, its bytes. False when it wants no more.</summary>
    delegate bool Taker(CaptureInterface where, in CapturedPacket packet, ReadOnlySpan<byte> bytes);

    /// <summary>Passes packets on until there are no more, <paramref name="take"/> wants none, or it is disposed.</summary>
    /// <exception cref="Exception">Packets cannot be had any more.</exception>
    void Run(Taker take);

    /// <summary>Packets that were lost before we saw them.</summary>
    ulong Dropped { get; }
}
