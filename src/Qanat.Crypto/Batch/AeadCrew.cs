using System.Runtime.ExceptionServices;

namespace Qanat.Crypto;

/// <summary>
/// Threads that help the one that calls to seal and open: the packets of a call are shared out, some at a time, to whoever comes for
/// them, and the call ends when all are done. So nothing is queued, nothing changes its order, and a key is not in use when the
/// call that used it has returned. A helper that is late leaves more to the caller, and holds nobody up.
/// </summary>
/// <remarks>
/// It belongs to one thread, which makes the calls. A helper looks for more work for some microseconds, and sleeps when there is none.
/// Nothing is allocated for packets.
/// </remarks>
public sealed unsafe class AeadCrew : IDisposable
{
    /// <summary>The most helpers there may be.</summary>
    public const int MaxHelpers = 15;

    // Packets that are taken at once: as many as the widest vectors have lanes for.
    private const int Share = 8;

    // How often a helper looks for more before it sleeps, and how long it pauses between: some 50 microseconds in all.
    private const int Looks = 500, Pause = 4;

    // The lower half counts the shares that were taken of the call that the upper half numbers. Between calls all are.
    private const long AllTaken = uint.MaxValue;

    private readonly Thread[] _helpers;
    private readonly SemaphoreSlim _wake = new(0);
    private int _asleep;
    private volatile bool _stopping;

    // Of the call that is under way.
    private BatchAead? _aead;
    private AeadPacket* _packets;
    private int _count;
    private long _taken = AllTaken;
    private int _done;
    private volatile Exception? _fault;

    /// <summary>Starts the threads.</summary>
    /// <param name="helpers">How many; 0 leaves all to the caller.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or more than <see cref="MaxHelpers"/>.</exception>
    public AeadCrew(int helpers)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(helpers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(helpers, MaxHelpers);
        _helpers = new Thread[helpers];
        for (var i = 0; i < helpers; i++)
        {
            _helpers[i] = new(Help) { Name = "qanat-crypto", IsBackground = true };
            _helpers[i].Start();
        }
    }

    /// <summary>
    /// How many packets should be gathered for a call: each thread has its shares of them, and alone, the nearest cache still holds
    /// what was just written.
    /// </summary>
    public int RunLength => _helpers.Length == 0 ? Share : Math.Min(256, 4 * Share * (_helpers.Length + 1));

    /// <summary>Has helpers that sleep wake up, since much is about to come.</summary>
    public void Wake()
    {
        if (Volatile.Read(ref _asleep) > 0)
            _wake.Release(Interlocked.Exchange(ref _asleep, 0));
    }

    /// <summary>Encrypts packets in place, and writes their tags behind them, as <see cref="BatchAead.Seal"/> does.</summary>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void Seal(BatchAead aead, Span<AeadPacket> packets) => Run(aead, packets);

    /// <summary>Decrypts packets in place, and says which are valid, as <see cref="BatchAead.Open"/> does.</summary>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void Open(BatchAead aead, Span<AeadPacket> packets) => Run(aead, packets);

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        _stopping = true;
        if (_helpers.Length > 0)
            _wake.Release(_helpers.Length);
        foreach (var helper in _helpers)
            helper.Join();
        _wake.Dispose();
    }

    private void Run(BatchAead aead, Span<AeadPacket> packets)
    {
        ArgumentNullException.ThrowIfNull(aead);
        fixed (AeadPacket* first = packets)
        {
            var shares = (packets.Length + Share - 1) / Share;
            if (shares <= 1 || _helpers.Length == 0)
            {
                Work(aead, first, packets.Length);
                return;
            }
            _packets = first;
            (_aead, _count, _done) = (aead, packets.Length, 0);
            var call = (_taken & ~AllTaken) + AllTaken + 1;
            Interlocked.Exchange(ref _taken, call);
            Wake();
            while (TryTakeShare())
            {
            }
            var wait = new SpinWait();
            while (Volatile.Read(ref _done) < shares)
                wait.SpinOnce(sleep1Threshold: -1);
            Interlocked.Exchange(ref _taken, call | AllTaken);
            _aead = null;
        }
        if (_fault is { } fault)
        {
            _fault = null;
            ExceptionDispatchInfo.Throw(fault);
        }
    }

    // What is read of the call is true if the share is taken: between calls none can be, and each call has a number of its own.
    private bool TryTakeShare()
    {
        var taken = Volatile.Read(ref _taken);
        if ((taken & AllTaken) == AllTaken)
            return false;
        var packets = _packets;
        var (aead, count) = (_aead, _count);
        var start = (int)(taken & AllTaken) * Share;
        if (start >= count || Interlocked.CompareExchange(ref _taken, taken + 1, taken) != taken)
            return start < count;
        try
        {
            Work(aead!, packets + start, Math.Min(Share, count - start));
        }
#pragma warning disable CA1031 // The caller throws it, once nobody is at work on its packets any more.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _fault = fault;
        }
        Interlocked.Increment(ref _done);
        return true;
    }

    private static void Work(BatchAead aead, AeadPacket* packets, int count)
    {
        if (aead.Direction == CipherDirection.Seal)
            aead.Seal(new ReadOnlySpan<AeadPacket>(packets, count));
        else
            aead.Open(new Span<AeadPacket>(packets, count));
    }

    private void Help()
    {
        for (var looked = 0; !_stopping;)
        {
            if (TryTakeShare())
            {
                looked = 0;
            }
            else if (looked++ < Looks)
            {
                Thread.SpinWait(Pause);
            }
            else
            {
                looked = 0;
                Interlocked.Increment(ref _asleep);
                _wake.Wait();
            }
        }
    }
}
