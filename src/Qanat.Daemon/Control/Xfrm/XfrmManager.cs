using Qanat.Daemon.Api;
using Qanat.Daemon.Devices;
using Qanat.Daemon.State;
using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>
/// Keeps the security associations and policies of the namespace, with the kernel's rules and error numbers (net/xfrm/xfrm_user.c,
/// xfrm_state.c, xfrm_policy.c). Nothing is answered before it is saved.
/// </summary>
internal sealed partial class XfrmManager
{
    private readonly IXfrmPlane _plane;
    private readonly XfrmStore _store;
    private readonly TimeProvider _time;
    private readonly DaemonLog _log;
    private readonly XfrmWords _words;
    private readonly Lock _lock = new();
    private KeptState[] _states = []; // the newest first, as is _policies; replaced, never altered
    private KeptPolicy[] _policies = [];
    private uint _nextIndex;
    private long _lastId;

    /// <summary>A manager that keeps nothing yet.</summary>
    public XfrmManager(IXfrmPlane plane, XfrmStore store, ITunnelDevices devices, TimeProvider time, DaemonLog log)
    {
        (_plane, _store, _time, _log) = (plane, store, time, log);
        _words = new(index => devices.Find(index)?.Name, name => devices.Find(name)?.Index);
    }

    /// <summary>How many states and policies are kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _states.Length + _policies.Length;
        }
    }

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Describes every state, the newest first.</summary>
    /// <param name="keys">Whether with keys.</param>
    public XfrmStateReport[] ListStates(bool keys)
    {
        lock (_lock)
            return [.. _states.Select(kept => kept.Report(_plane, _words, keys))];
    }

    /// <summary>Describes one state.</summary>
    /// <exception cref="XfrmException">ESRCH: there is none.</exception>
    public XfrmStateReport GetState(IpAddress destination, uint spi, uint mark, bool keys)
    {
        lock (_lock)
            return Find(destination, spi, mark).Report(_plane, _words, keys);
    }

    /// <summary>Adds a state.</summary>
    /// <exception cref="XfrmException">EEXIST: there is one of that name. Others: see <see cref="XfrmStateSpecs.Parse"/>.</exception>
    /// <exception cref="LinuxException">It could not be saved.</exception>
    public XfrmStateReport Add(XfrmStateSpec spec)
    {
        lock (_lock)
        {
            var state = XfrmStateSpecs.Parse(spec, ++_lastId, _words);
            if (TryFind(state.Destination, state.Spi, state.Mark.Value) is not null)
                throw new XfrmException(Errno.EEXIST);
            Check(_plane.Refusal(state));
            var added = new KeptState(state, Now, default, 0).Reserve(state.OutputSequence);
            _plane.Install(state);
            Keep([added, .. _states], _policies, undo: () => _plane.Remove(state));
            return added.Report(_plane, _words, keys: true);
        }
    }

    /// <summary>
    /// Changes a state. As in the kernel (xfrm_state_update) that is its UDP header, its limits, its output mark and its interface;
    /// the rest of the description names the state, and counts for nothing otherwise.
    /// </summary>
    /// <exception cref="XfrmException">
    /// ESRCH: there is none. EINVAL: one of the two has a UDP header. Others: see <see cref="XfrmStateSpecs.Parse"/>.
    /// </exception>
    /// <exception cref="LinuxException">It could not be saved.</exception>
    public XfrmStateReport Update(XfrmStateSpec spec)
    {
        lock (_lock)
        {
            var wanted = XfrmStateSpecs.Parse(spec, 0, _words);
            var kept = Find(wanted.Destination, wanted.Spi, wanted.Mark.Value);
            var before = kept.State;
            if (before.Encap is null != wanted.Encap is null)
                throw new XfrmException(Errno.EINVAL);
            var state = before with
            {
                Encap = wanted.Encap,
                Limits = wanted.Limits,
                OutputMark = wanted.OutputMark == default ? before.OutputMark : wanted.OutputMark,
                IfId = wanted.IfId == 0 ? before.IfId : wanted.IfId,
            };
            Check(_plane.Refusal(state));
            var changed = kept with { State = state };
            _plane.Update(state);
            Keep([.. _states.Select(other => other == kept ? changed : other)], _policies, undo: () => _plane.Update(before));
            return changed.Report(_plane, _words, keys: true);
        }
    }

    /// <summary>Removes a state.</summary>
    /// <exception cref="XfrmException">ESRCH: there is none.</exception>
    /// <exception cref="LinuxException">It could not be saved; nothing was removed.</exception>
    public void RemoveState(IpAddress destination, uint spi, uint mark)
    {
        lock (_lock)
        {
            var kept = Find(destination, spi, mark);
            Keep([.. _states.Where(other => other != kept)], _policies);
            _plane.Remove(kept.State);
        }
    }

    /// <summary>Removes every state.</summary>
    /// <exception cref="LinuxException">It could not be saved; nothing was removed.</exception>
    public void FlushStates()
    {
        lock (_lock)
        {
            var gone = _states;
            Keep([], _policies);
            foreach (var kept in gone)
                _plane.Remove(kept.State);
        }
    }

    private KeptState Find(IpAddress destination, uint spi, uint mark) =>
        TryFind(destination, spi, mark) ?? throw new XfrmException(Errno.ESRCH);

    // The newest counts, and one without an index has no name (__xfrm_state_lookup).
    private KeptState? TryFind(IpAddress destination, uint spi, uint mark) => spi == 0 ? null : Array.Find(_states, kept =>
        kept.State.Spi == spi && kept.State.Destination == destination && kept.State.Mark.Matches(mark));

    private static void Check(string? refusal)
    {
        if (refusal is not null)
            throw new XfrmException(Errno.EOPNOTSUPP, refusal);
    }

    // From here on it is so, unless the disk is full: then it is as it was.
    private void Keep(KeptState[] states, KeptPolicy[] policies, Action? undo = null)
    {
        var (statesBefore, policiesBefore) = (_states, _policies);
        (_states, _policies) = (states, policies);
        try
        {
            Save();
        }
        catch
        {
            (_states, _policies) = (statesBefore, policiesBefore);
            undo?.Invoke();
            throw;
        }
    }

    private void Save() => _store.Save(
        _nextIndex, [.. _states.Select(kept => kept.ToEntry(_plane))], [.. _policies.Select(kept => kept.ToEntry(_plane))]);
}
