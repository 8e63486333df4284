using System.Diagnostics;

namespace Qanat.Linux.Events;

/// <summary>A timer of a <see cref="Worker"/> that fires once each time it is set, on the worker's thread, to a millisecond.</summary>
public sealed class WorkerTimer : IDisposable
{
    private const long Unset = long.MaxValue;

    private readonly Worker _worker;
    private readonly Action _callback;
    private long _deadline = Unset;

    internal WorkerTimer(Worker worker, Action callback) => (_worker, _callback) = (worker, callback);

    /// <summary>True until it fires or is stopped.</summary>
    public bool IsSet => _deadline != Unset;

    /// <summary>Milliseconds until it fires, rounded up; -1 when it is not set.</summary>
    internal int MillisecondsLeft
    {
        get
        {
            if (!IsSet)
                return Timeout.Infinite;
            var left = TimeSpan.FromSeconds((_deadline - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency);
            return (int)Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 0, int.MaxValue);
        }
    }

    /// <summary>Sets it, or sets it anew. To be called on the worker's thread.</summary>
    /// <param name="due">How long from now.</param>
    public void Set(TimeSpan due)
    {
        _worker.ThrowIfElsewhere();
        _deadline = Stopwatch.GetTimestamp() + (long)(due.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>Makes it fire no more until it is set again. To be called on the worker's thread.</summary>
    public void Stop()
    {
        _worker.ThrowIfElsewhere();
        _deadline = Unset;
    }

    /// <summary>Stops it for good. To be called on the worker's thread.</summary>
    public void Dispose()
    {
        Stop();
        _worker.Forget(this);
    }

    internal void RunIfDue()
    {
        if (!IsSet || Stopwatch.GetTimestamp() < _deadline)
            return;
        _deadline = Unset;
        _callback();
    }
}
