using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>Someone who hears of events: what has happened and was not read yet waits here, within a limit.</summary>
/// <param name="forget">Called at the end.</param>
internal sealed class EventListener(Action<EventListener> forget) : IDisposable
{
    /// <summary>Events that wait at most.</summary>
    public const int Limit = 1024;

    private readonly Channel<InterfaceEvent> _waiting = Channel.CreateBounded<InterfaceEvent>(
        new BoundedChannelOptions(Limit) { SingleReader = true, SingleWriter = true });
    private long _lost;

    /// <summary>Takes an event, if there is room. It never waits.</summary>
    public void Tell(InterfaceEvent happened)
    {
        if (!_waiting.Writer.TryWrite(happened))
            Interlocked.Increment(ref _lost);
    }

    /// <summary>The events, as they happen. As soon as some are missing there is one that says how many.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async IAsyncEnumerable<InterfaceEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var next in _waiting.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            yield return next;
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
                yield return new() { Time = next.Time, Interface = next.Interface, Event = InterfaceEvent.EventsLost, Lost = lost };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => forget(this);
}
