using System.Runtime.CompilerServices;
using Qanat.Linux.Events;
using Qanat.Linux.Ports;
using Qanat.Packets;

namespace Qanat.Linux.Netlink;

/// <content>The events as an asynchronous stream.</content>
public sealed partial class NetworkMonitor
{
    private readonly Lock _closing = new();
    private ReadinessWaits? _waits;
    private bool _disposed;

    /// <summary>
    /// The events as they happen, from the opening of the monitor on. No thread waits meanwhile. Events that the kernel dropped are
    /// one <see cref="EventsLost"/> in their place. Disposing the monitor ends the stream.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled; what waits still can be read by another call.</exception>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public async IAsyncEnumerable<NetworkEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        List<NetworkEvent> events = [];
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                while (!Receive(events) && events.Count == 0)
                    await WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is PortClosedException or ObjectDisposedException)
            {
                yield break;
            }

            foreach (var happened in events)
                yield return happened;
            events.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_closing)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        // The waits go first: a descriptor that is watched when it is closed could not be told from its number's next owner.
        _waits?.CloseAsync().GetAwaiter().GetResult();
        _socket.Dispose();
    }

    private Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_closing)
        {
            if (_disposed)
                throw new PortClosedException();
            _waits ??= new(Handle);
        }

        return _waits.WaitAsync(Readiness.Readable, cancellationToken);
    }
}
