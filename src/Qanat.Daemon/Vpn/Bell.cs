using System.Threading.Channels;

namespace Qanat.Daemon.Vpn;

/// <summary>Wakes one who waits. However often it is rung before they wait, they wake once.</summary>
internal sealed class Bell
{
    private readonly Channel<bool> _rung = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Rings, on any thread and without waiting.</summary>
    public void Ring() => _rung.Writer.TryWrite(true);

    /// <summary>Waits until it rings, or was rung since the last wait.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _rung.Reader.ReadAsync(cancellation);
}
