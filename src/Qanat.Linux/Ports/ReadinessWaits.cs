using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Events;
using Qanat.Packets;

namespace Qanat.Linux.Ports;

/// <summary>
/// Those who await a descriptor's readiness. One thread watches for all ports of the process; a wait that is over leaves
/// nothing behind.
/// </summary>
internal sealed class ReadinessWaits(SafeFileHandle handle) : IEventHandler
{
    private static readonly Lazy<Worker> Shared = new(() => new Worker("qanat-async"));

    private readonly List<Wait> _waits = []; // of the worker's thread
    private WorkerRegistration? _registration;
    private Readiness _watched;
    private bool _closed;

    /// <summary>Completes when the descriptor is ready for <paramref name="wanted"/>, or has failed.</summary>
    /// <exception cref="PortClosedException">The port is closed, before or meanwhile.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task WaitAsync(Readiness wanted, CancellationToken cancellationToken)
    {
        var wait = new Wait(wanted);
        using (cancellationToken.UnsafeRegister(static (state, token) => ((Wait)state!).Source.TrySetCanceled(token), wait))
        {
            Shared.Value.Post(() => Add(wait));
            try
            {
                await wait.Source.Task.ConfigureAwait(false);
            }
            finally
            {
                if (cancellationToken.IsCancellationRequested)
                    Shared.Value.Post(() => Forget(wait));
            }
        }
    }

    /// <summary>Ends every wait. The descriptor may be closed when it has completed.</summary>
    public Task CloseAsync() => Shared.Value.InvokeAsync(() =>
    {
        _closed = true;
        End(new PortClosedException());
        Watch();
    });

    public void OnReady(Readiness ready)
    {
        for (var i = _waits.Count - 1; i >= 0; i--)
        {
            if ((ready & (_waits[i].Wanted | Readiness.Error | Readiness.HangUp)) == 0)
                continue;
            _waits[i].Source.TrySetResult();
            _waits.RemoveAt(i);
        }

        Watch();
    }

    public void OnFault(Exception fault) => End(fault); // Nothing in OnReady throws.

    private void Add(Wait wait)
    {
        if (_closed)
        {
            wait.Source.TrySetException(new PortClosedException());
            return;
        }

        _waits.Add(wait);
        Watch();
    }

    private void Forget(Wait wait)
    {
        if (_waits.Remove(wait))
            Watch();
    }

    // Epoll tells again and again while a descriptor is ready: it is watched only for what somebody waits for. Failures are the
    // waits': an exception from posted work would end the process.
    private void Watch()
    {
        var wanted = Readiness.None;
        foreach (var wait in _waits)
            wanted |= wait.Wanted;
        if (wanted == _watched)
            return;
        _registration?.Dispose();
        (_registration, _watched) = (null, Readiness.None);
        if (wanted == Readiness.None)
            return;
        try
        {
            _registration = Shared.Value.Register(handle, this, wanted);
            _watched = wanted;
        }
        catch (Exception e) when (e is PortClosedException or LinuxException)
        {
            End(e);
        }
    }

    private void End(Exception fault)
    {
        foreach (var wait in _waits)
            wait.Source.TrySetException(fault);
        _waits.Clear();
    }

    private sealed record Wait(Readiness Wanted)
    {
        public TaskCompletionSource Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
