using Qanat.Linux.Events;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Events;

public sealed class WorkerTests : IDisposable
{
    private readonly Worker _worker = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _worker.Dispose();

    [Fact]
    public async Task A_ready_handler_is_called_again_until_it_has_drained_its_descriptor()
    {
        using var signal = new EventDescriptor();
        var calls = 0;
        var done = Completion();
        await Register(signal, ready =>
        {
            Assert.Equal(Readiness.Readable, ready);
            if (++calls < 3)
                return;
            signal.Reset();
            done.SetResult();
        });
        signal.Signal();
        await done.Task.WaitAsync(Wait.Limit, Cancel);
        await _worker.InvokeAsync(() => { });
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task Handlers_that_are_always_ready_take_turns()
    {
        using EventDescriptor left = new(), right = new();
        var turns = new List<char>();
        var done = Completion();
        left.Signal();
        right.Signal();
        await _worker.InvokeAsync(() =>
        {
            _worker.Register(left.Handle, new Handler(_ => Turn('l')));
            _worker.Register(right.Handle, new Handler(_ => Turn('r')));
        });
        await done.Task.WaitAsync(Wait.Limit, Cancel);
        var order = new string([.. turns.Take(20)]);
        Assert.Contains(order, (string[])["lrlrlrlrlrlrlrlrlrlr", "rlrlrlrlrlrlrlrlrlrl"]);

        void Turn(char who)
        {
            turns.Add(who);
            if (turns.Count == 20)
                done.SetResult();
        }
    }

    [Fact]
    public async Task A_registration_ends_from_inside_its_own_call_and_from_anothers()
    {
        using EventDescriptor left = new(), right = new();
        var calls = 0;
        left.Signal();
        right.Signal();
        await _worker.InvokeAsync(() =>
        {
            WorkerRegistration? one = null, other = null;
            var both = new Handler(_ =>
            {
                calls++;
                one!.Dispose();
                other!.Dispose();
                one.Dispose();
            });
            one = _worker.Register(left.Handle, both);
            other = _worker.Register(right.Handle, both);
        });
        await Rounds(5);
        Assert.Equal(1, calls);
        await Register(left, _ => left.Reset()); // The descriptor may be registered anew.
    }

    [Fact]
    public async Task A_descriptor_cannot_be_registered_twice()
    {
        using var signal = new EventDescriptor();
        await Register(signal, _ => { });
        var failure = await Assert.ThrowsAsync<LinuxException>(() => Register(signal, _ => { }));
        Assert.Equal(Errno.EEXIST, failure.Error);
    }

    [Fact]
    public async Task A_descriptor_that_another_thread_closes_calls_no_more_and_its_number_is_free()
    {
        var calls = 0;
        var closed = new EventDescriptor();
        closed.Signal();
        WorkerRegistration? stale = null;
        await _worker.InvokeAsync(() => stale = _worker.Register(closed.Handle, new Handler(_ => calls++)));
        closed.Dispose();
        await Rounds(2);
        var seen = calls;
        await Rounds(5);
        Assert.Equal(seen, calls);

        // Very likely the same number: ending the old registration must not end this one.
        using var next = new EventDescriptor();
        var called = Completion();
        await Register(next, _ =>
        {
            next.Reset();
            called.SetResult();
        });
        await _worker.InvokeAsync(() => stale!.Dispose());
        next.Signal();
        await called.Task.WaitAsync(Wait.Limit, Cancel);
    }

    [Fact]
    public async Task A_handler_that_throws_is_told_and_ends_alone()
    {
        using EventDescriptor bad = new(), good = new();
        var fault = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = 0;
        bad.Signal();
        await _worker.InvokeAsync(() => _worker.Register(bad.Handle, new Handler(_ =>
        {
            calls++;
            throw new PortClosedException("It has gone.");
        }, fault.SetResult)));
        Assert.Equal("It has gone.", (await fault.Task.WaitAsync(Wait.Limit, Cancel)).Message);

        var alive = Completion();
        await Register(good, _ =>
        {
            good.Reset();
            alive.SetResult();
        });
        good.Signal();
        await alive.Task.WaitAsync(Wait.Limit, Cancel);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task What_is_posted_runs_in_order_on_the_workers_thread()
    {
        var order = new List<int>();
        for (var i = 0; i < 1000; i++)
        {
            var number = i;
            _worker.Post(() => order.Add(_worker.IsCurrent ? number : -1));
        }

        await _worker.InvokeAsync(() => { });
        Assert.Equal(Enumerable.Range(0, 1000), order);
        Assert.False(_worker.IsCurrent);
    }

    [Fact]
    public async Task An_invocation_gives_its_result_or_its_exception()
    {
        Assert.Equal(42, await _worker.InvokeAsync(() => 42));
        Assert.Equal(43, await await _worker.InvokeAsync(() => _worker.InvokeAsync(() => 43)));
        await Assert.ThrowsAsync<FormatException>(() => _worker.InvokeAsync(() => throw new FormatException()));
    }

    [Fact]
    public async Task Only_the_workers_thread_registers()
    {
        using var signal = new EventDescriptor();
        Assert.Throws<InvalidOperationException>(() => _worker.Register(signal.Handle, new Handler(_ => { })));
        Assert.Throws<InvalidOperationException>(() => _worker.AddTimer(() => { }));
        WorkerTimer? timer = null;
        await _worker.InvokeAsync(() => timer = _worker.AddTimer(() => { }));
        Assert.Throws<InvalidOperationException>(() => timer!.Set(TimeSpan.Zero));
    }

    [Fact]
    public async Task Timers_fire_once_each_time_they_are_set_in_the_order_of_their_deadlines()
    {
        var fired = new List<string>();
        var done = Completion();
        await _worker.InvokeAsync(() =>
        {
            WorkerTimer late = _worker.AddTimer(() => Fire("late")), early = _worker.AddTimer(() => Fire("early"));
            WorkerTimer stopped = _worker.AddTimer(() => Fire("stopped")), disposed = _worker.AddTimer(() => Fire("disposed"));
            WorkerTimer? again = null;
            again = _worker.AddTimer(() =>
            {
                Fire("again");
                if (fired.Count(name => name == "again") < 3)
                    again!.Set(TimeSpan.Zero);
            });
            late.Set(TimeSpan.FromMilliseconds(60));
            early.Set(TimeSpan.FromMilliseconds(30));
            stopped.Set(TimeSpan.FromMilliseconds(1));
            disposed.Set(TimeSpan.FromMilliseconds(1));
            again.Set(TimeSpan.Zero);
            stopped.Stop();
            disposed.Dispose();
            Assert.True(late.IsSet && !stopped.IsSet);
        });
        await done.Task.WaitAsync(Wait.Limit, Cancel);
        Assert.Equal(["again", "again", "again", "early", "late"], fired);

        void Fire(string name)
        {
            fired.Add(name);
            if (name == "late")
                done.SetResult();
        }
    }

    [Fact]
    public async Task Disposing_ends_an_idle_worker_and_cancels_what_it_has_not_begun()
    {
        var worker = new Worker();
        using var gate = new ManualResetEventSlim();
        var begun = Completion();
        var busy = worker.InvokeAsync(() =>
        {
            begun.SetResult();
            gate.Wait(Cancel);
        });
        await begun.Task.WaitAsync(Wait.Limit, Cancel);
        var waiting = worker.InvokeAsync(() => 1);
        var ending = Task.Run(worker.Dispose, Cancel);
        while (!worker.IsStopping)
            await Task.Yield();
        gate.Set();
        await ending.WaitAsync(Wait.Limit, Cancel);
        await busy;
        await Assert.ThrowsAsync<TaskCanceledException>(() => waiting);
        await Assert.ThrowsAsync<TaskCanceledException>(() => worker.InvokeAsync(() => 1));
        worker.Post(() => Assert.Fail("It has ended."));
        worker.Dispose();
    }

    [Fact]
    public async Task A_worker_may_end_itself()
    {
        var worker = new Worker();
        await worker.InvokeAsync(worker.Dispose);
        worker.Dispose();
        await Assert.ThrowsAsync<TaskCanceledException>(() => worker.InvokeAsync(() => 1));
    }

    // Its continuations leave the worker's thread.
    private static TaskCompletionSource Completion() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task Register(EventDescriptor signal, Action<Readiness> ready) =>
        _worker.InvokeAsync(() => { _worker.Register(signal.Handle, new Handler(ready)); });

    private async Task Rounds(int count)
    {
        for (var i = 0; i < count; i++)
            await _worker.InvokeAsync(() => { });
    }

    private sealed class Handler(Action<Readiness> ready, Action<Exception>? fault = null) : IEventHandler
    {
        public void OnReady(Readiness readiness) => ready(readiness);

        public void OnFault(Exception exception) => fault?.Invoke(exception);
    }
}
