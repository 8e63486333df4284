namespace Qanat.Linux.Events;

/// <summary>What a descriptor is ready for (linux/eventpoll.h).</summary>
[Flags]
public enum Readiness
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Something can be read (EPOLLIN).</summary>
    Readable = 0x1,

    /// <summary>Something can be written (EPOLLOUT).</summary>
    Writable = 0x4,

    /// <summary>It failed; for a TUN device: it was deleted (EPOLLERR). It is always watched for.</summary>
    Error = 0x8,

    /// <summary>The other end has gone (EPOLLHUP). It is always watched for.</summary>
    HangUp = 0x10,
}

/// <summary>What a <see cref="Worker"/> calls when a descriptor is ready, on the worker's thread.</summary>
public interface IEventHandler
{
    /// <summary>
    /// Handles one batch and returns; while more waits the call comes again, after the other handlers have had theirs.
    /// </summary>
    /// <param name="ready">What the descriptor is ready for.</param>
    void OnReady(Readiness ready);

    /// <summary>
    /// <see cref="OnReady"/> threw, and the registration has ended: a <see cref="Packets.PortClosedException"/> says that the
    /// port's device has gone.
    /// </summary>
    void OnFault(Exception fault);
}
