using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Cli.Capture;

/// <summary>A capture: sources, each on a thread of its own, and the sink that they share.</summary>
/// <param name="sink">Where packets go.</param>
/// <param name="limit">Packets after which it ends; 0 for no end.</param>
internal sealed class CaptureRun(ICaptureSink sink, int limit) : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(100);

    // How long a source may take to end. Standard input does not end before its writer does; its thread goes with the program.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _ended = new();
    private Exception? _fault;
    private bool _unflushed;
    private bool _broken;

    /// <summary>Packets that were taken.</summary>
    public int Packets { get; private set; }

    /// <summary>Ends it. May be called at any time, from any thread.</summary>
    public void Stop() => _ended.Set();

    /// <summary>Runs until a source fails, all have ended, the limit is reached or it is stopped.</summary>
    /// <returns>Packets that were lost before they were seen.</returns>
    /// <exception cref="Exception">A source's, or the sink's.</exception>
    public ulong Run(IReadOnlyList<ICaptureSource> sources)
    {
        var left = sources.Count;
        Thread[] threads = [.. sources.Select(source => new Thread(() => RunSource(source, ref left)) { IsBackground = true })];
        foreach (var thread in threads)
            thread.Start();
        while (!_ended.Wait(Idle))
            lock (_gate)
                FlushIfNeeded();
        foreach (var source in sources)
            source.Dispose();
        foreach (var thread in threads)
            thread.Join(Patience);
        var dropped = sources.Aggregate(0UL, (sum, source) => sum + source.Dropped);
        if (!_broken)
            Write(() => sink.End(dropped));
        return _fault is null ? dropped : throw _fault;
    }

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();

    private void RunSource(ICaptureSource source, ref int left)
    {
        try
        {
            source.Run(Take);
        }
#pragma warning disable CA1031 // It is Run's caller's.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _fault ??= fault;
            _ended.Set();
        }

        if (Interlocked.Decrement(ref left) == 0)
            _ended.Set();
    }

    private bool Take(CaptureInterface where, in CapturedPacket packet, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_ended.IsSet)
                return false;
            try
            {
                sink.Take(where, packet, bytes);
            }
            catch (IOException fault)
            {
                Break(fault);
                return false;
            }

            _unflushed = true;
            if (++Packets != limit)
                return true;
        }

        _ended.Set();
        return false;
    }

    private void FlushIfNeeded()
    {
        if (!_unflushed)
            return;
        _unflushed = false;
        Write(sink.Flush);
    }

    private void Write(Action write)
    {
        try
        {
            write();
        }
        catch (IOException fault)
        {
            Break(fault);
        }
    }

    // Nobody reads any more, or the disk is full.
    private void Break(IOException fault)
    {
        _broken = true;
        _fault ??= new CaptureOutputException(fault);
        _ended.Set();
    }
}

/// <summary>What was captured could not be written.</summary>
/// <param name="cause">Why.</param>
internal sealed class CaptureOutputException(IOException cause) : Exception(cause.Message, cause)
{
    /// <summary>True when whoever read it has gone.</summary>
    public bool IsClosedPipe { get; } = Errno.Of(cause) == Errno.EPIPE;
}
