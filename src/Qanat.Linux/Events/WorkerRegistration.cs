using Microsoft.Win32.SafeHandles;

namespace Qanat.Linux.Events;

/// <summary>A descriptor that a <see cref="Worker"/> watches.</summary>
public sealed class WorkerRegistration : IDisposable
{
    private readonly Worker _worker;

    internal WorkerRegistration(Worker worker, long id, SafeFileHandle handle, IEventHandler handler) =>
        (_worker, Id, Handle, Handler) = (worker, id, handle, handler);

    internal long Id { get; }

    internal SafeFileHandle Handle { get; }

    internal IEventHandler Handler { get; }

    /// <summary>Stops watching: no call comes afterwards. To be called on the worker's thread; a second call does nothing.</summary>
    public void Dispose() => _worker.Forget(this);
}
