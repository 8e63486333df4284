using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Ports;
using static Qanat.Linux.Interop.Epoll;

namespace Qanat.Linux.Events;

/// <summary>
/// A thread with an epoll loop: each port belongs to one worker, so that the hot path takes no lock. In each round every
/// ready handler is called once, then the timers that are due, then what other threads have posted.
/// </summary>
/// <remarks>
/// The thread is in the network namespace of the thread that made the worker. Epoll is level-triggered, so a handler need
/// not drain its descriptor.
/// </remarks>
public sealed unsafe partial class Worker : IDisposable
{
    private const int EventsPerRound = 64;
    private const long WakeId = 0;

    private readonly SafeFileHandle _epoll;
    private readonly EventDescriptor _wake = new();
    private readonly Dictionary<long, WorkerRegistration> _registrations = [];
    private readonly List<WorkerTimer> _timers = [];
    private readonly Thread _thread;
    private long _lastId = WakeId;
    private volatile bool _stopping;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">The thread's name, for debuggers and <c>top -H</c>.</param>
    /// <exception cref="LinuxException">The process has no descriptors left.</exception>
    public Worker(string name = "worker")
    {
        var epoll = epoll_create1(EPOLL_CLOEXEC);
        _epoll = epoll >= 0 ? new(epoll, ownsHandle: true) : throw new LinuxException("epoll_create1", Marshal.GetLastSystemError());
        Watch(_wake.Handle, WakeId, Readiness.Readable);
        _thread = new(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>True on the worker's own thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>True from the moment that <see cref="Dispose"/> is called.</summary>
    public bool IsStopping => _stopping;

    /// <summary>Watches a descriptor. To be called on the worker's thread.</summary>
    /// <param name="handle">The descriptor. The registration does not keep it open: closing it ends the calls.</param>
    /// <param name="handler">What to call.</param>
    /// <param name="interest">What to watch for, besides errors.</param>
    /// <returns>Ends the registration when disposed, at any time, its own handler's call included.</returns>
    /// <exception cref="LinuxException">EEXIST: it is registered already; EPERM: it is a file that cannot be watched.</exception>
    public WorkerRegistration Register(SafeFileHandle handle, IEventHandler handler, Readiness interest = Readiness.Readable)
    {
        ThrowIfElsewhere();
        var registration = new WorkerRegistration(this, ++_lastId, handle, handler);
        Watch(handle, registration.Id, interest);
        _registrations.Add(registration.Id, registration);
        return registration;
    }

    /// <summary>Makes a timer, not yet set. To be called on the worker's thread. Timers are few: each round looks at all.</summary>
    /// <param name="callback">What it calls, on the worker's thread; an exception from it ends the process.</param>
    public WorkerTimer AddTimer(Action callback)
    {
        ThrowIfElsewhere();
        var timer = new WorkerTimer(this, callback);
        _timers.Add(timer);
        return timer;
    }

    /// <summary>
    /// Ends the loop and waits for the call that it is in; further ones do not happen. On the worker's own thread it
    /// returns at once, and the loop ends after that call.
    /// </summary>
    public void Dispose()
    {
        _stopping = true;
        Wake();
        if (!IsCurrent)
            _thread.Join();
    }

    internal void Forget(WorkerRegistration registration)
    {
        ThrowIfElsewhere();
        if (!_registrations.Remove(registration.Id) || registration.Handle.IsClosed)
            return;

        // The lease fails when another thread has just closed the descriptor, which took it out of epoll; its number may
        // be another file's by now.
        try
        {
            using var lease = new DescriptorLease(registration.Handle);
            _ = epoll_ctl((int)_epoll.DangerousGetHandle(), EPOLL_CTL_DEL, lease.Descriptor, null);
        }
        catch (Packets.PortClosedException)
        {
        }
    }

    internal void Forget(WorkerTimer timer)
    {
        ThrowIfElsewhere();
        _timers.Remove(timer);
    }

    internal void ThrowIfElsewhere()
    {
        if (!IsCurrent)
            throw new InvalidOperationException("Only the worker's own thread may do this; use InvokeAsync.");
    }

    private void Watch(SafeFileHandle handle, long id, Readiness interest)
    {
        using var lease = new DescriptorLease(handle);
        var change = stackalloc byte[EventSize];
        *(uint*)change = (uint)interest;
        *(long*)(change + DataOffset) = id;
        if (epoll_ctl((int)_epoll.DangerousGetHandle(), EPOLL_CTL_ADD, lease.Descriptor, change) != 0)
            throw new LinuxException("epoll_ctl", Marshal.GetLastSystemError());
    }

    private void Run()
    {
        var events = stackalloc byte[EventsPerRound * EventSize];
        while (!_stopping)
        {
            var count = epoll_wait((int)_epoll.DangerousGetHandle(), events, EventsPerRound, MillisecondsToNextTimer());
            if (count < 0 && Marshal.GetLastSystemError() is var errno and not Errno.EINTR)
                throw new LinuxException("epoll_wait", errno);
            var woken = false;
            for (var i = 0; i < count && !_stopping; i++)
            {
                var ready = events + i * EventSize;
                var id = *(long*)(ready + DataOffset);
                if (id == WakeId)
                    woken = true;
                else
                    Dispatch(id, (Readiness)(*(uint*)ready));
            }

            for (var i = 0; i < _timers.Count && !_stopping; i++)
                _timers[i].RunIfDue();
            if (woken)
                RunPosted();
        }

        EndPosted();
        _epoll.Dispose();
    }

    private void Dispatch(long id, Readiness ready)
    {
        // An earlier handler of this round may have ended this registration; its id is never used again.
        if (!_registrations.TryGetValue(id, out var registration))
            return;
        try
        {
            registration.Handler.OnReady(ready);
        }
#pragma warning disable CA1031 // Any failure is the handler's own affair, and must not end the others' loop.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            registration.Dispose();
            registration.Handler.OnFault(fault);
        }
    }

    private int MillisecondsToNextTimer()
    {
        var next = Timeout.Infinite;
        foreach (var timer in _timers)
            next = (int)Math.Min((uint)next, (uint)timer.MillisecondsLeft);
        return next;
    }
}
