using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Events;
using Qanat.Packets;

namespace Qanat.Linux.Ports;

/// <summary>
/// A port that stands on a descriptor of the kernel's: what all of them share. Receiving and sending belong to one thread;
/// <see cref="Wait(TimeSpan)"/> and <see cref="Dispose()"/> may be called from any.
/// </summary>
public abstract class KernelPort : IPort
{
    private readonly Lock _closing = new();
    private EventDescriptor? _closed;
    private ReadinessWaits? _waits;
    private bool _disposed;

    /// <summary>Takes over an open descriptor that does not block.</summary>
    private protected KernelPort(SafeFileHandle handle) => Handle = handle;

    /// <summary>The descriptor, for a <see cref="Worker"/>. It is readable when packets wait.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Packets that could not pass, by reason.</summary>
    public PortErrors Errors { get; } = new();

    /// <inheritdoc/>
    public abstract int Receive(PacketBatch batch);

    /// <inheritdoc/>
    public abstract int Send(PacketBatch batch);

    /// <summary>
    /// Blocks until packets wait, for programs without a <see cref="Worker"/>. Disposing the port ends the wait at once.
    /// </summary>
    /// <param name="limit">How long at most, in steps of a millisecond; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>True when <see cref="Receive"/> has something to say; false when the time is up.</returns>
    /// <exception cref="PortClosedException">The port is disposed, before or meanwhile.</exception>
    public bool Wait(TimeSpan limit) => Wait(limit, Readiness.Readable);

    /// <summary>Completes when packets wait, or the port's device has gone. No thread waits meanwhile.</summary>
    /// <exception cref="PortClosedException">The port is disposed, before or meanwhile.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task WaitAsync(CancellationToken cancellationToken = default) => WaitAsync(Readiness.Readable, cancellationToken);

    /// <summary>Completes when the descriptor is ready for <paramref name="wanted"/>.</summary>
    private protected Task WaitAsync(Readiness wanted, CancellationToken cancellationToken)
    {
        lock (_closing)
        {
            if (_disposed)
                throw new PortClosedException();
            _waits ??= new(Handle);
        }

        return _waits.WaitAsync(wanted, cancellationToken);
    }

    /// <summary>Blocks until the descriptor is ready for <paramref name="wanted"/>.</summary>
    private protected bool Wait(TimeSpan limit, Readiness wanted)
    {
        EventDescriptor closed;
        lock (_closing)
        {
            if (_disposed)
                throw new PortClosedException();
            closed = _closed ??= new();
        }

        return PortWait.Until(Handle, closed, wanted, limit);
    }

    /// <summary>Closes the descriptor and ends every wait on it.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the waits, and closes the descriptor as soon as no call uses it any more.</summary>
    protected virtual void Dispose(bool disposing)
    {
        lock (_closing)
        {
            if (_disposed)
                return;
            _disposed = true;
            _closed?.Signal();
            _closed?.Dispose();
        }

        // The waits go first: a descriptor that is watched when it is closed could not be told from its number's next owner.
        _waits?.CloseAsync().GetAwaiter().GetResult();
        Handle.Dispose();
    }

    /// <summary>Borrows the descriptor for some system calls.</summary>
    private protected DescriptorLease Lease() => new(Handle);
}
