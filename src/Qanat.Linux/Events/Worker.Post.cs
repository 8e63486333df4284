namespace Qanat.Linux.Events;

/// <content>Work that other threads hand over.</content>
public sealed partial class Worker
{
    private readonly Lock _gate = new();
    private Queue<Posted> _posted = new();
    private Queue<Posted> _running = new();
    private bool _ended;

    private readonly record struct Posted(Action Run, Action Cancel);

    /// <summary>
    /// Runs <paramref name="action"/> on the worker's thread, after what was posted before it. An exception from it ends
    /// the process, as on any thread; when the worker ends first, it is not run.
    /// </summary>
    public void Post(Action action) => Enqueue(new(action, static () => { }));

    /// <summary>Runs <paramref name="function"/> on the worker's thread; at once when that is the caller's.</summary>
    /// <returns>Its result or its exception; cancelled when the worker ends first.</returns>
    public Task<T> InvokeAsync<T>(Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (IsCurrent)
            Run();
        else
            Enqueue(new(Run, completion.SetCanceled));
        return completion.Task;

        void Run()
        {
            try
            {
                completion.SetResult(function());
            }
#pragma warning disable CA1031 // It is the caller's.
            catch (Exception e)
#pragma warning restore CA1031
            {
                completion.SetException(e);
            }
        }
    }

    /// <summary>Runs <paramref name="action"/> on the worker's thread; at once when that is the caller's.</summary>
    /// <returns>Completes when it is done, with its exception if any; cancelled when the worker ends first.</returns>
    public Task InvokeAsync(Action action) => InvokeAsync(() =>
    {
        action();
        return true;
    });

    private void Enqueue(Posted posted)
    {
        bool ended;
        lock (_gate)
        {
            ended = _ended;
            if (!ended)
            {
                _posted.Enqueue(posted);
                _wake.Signal();
            }
        }

        if (ended)
            posted.Cancel();
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (!_ended)
                _wake.Signal();
        }
    }

    private void RunPosted()
    {
        lock (_gate)
        {
            _wake.Reset();
            (_posted, _running) = (_running, _posted);
        }

        while (!_stopping && _running.TryDequeue(out var posted))
            posted.Run();
    }

    private void EndPosted()
    {
        lock (_gate)
        {
            _ended = true;
            _wake.Dispose();
        }

        foreach (var posted in _running.Concat(_posted))
            posted.Cancel();
    }
}
