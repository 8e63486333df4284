using Qanat.Daemon.State;
using Qanat.Linux;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>What happens without anybody's asking: the start, the end, and the passing of time.</summary>
internal sealed partial class XfrmManager
{
    /// <summary>Brings back what a daemon before us kept. What the plane cannot carry any more is forgotten, and one line says so.</summary>
    /// <returns>How many states and policies came back.</returns>
    /// <exception cref="LinuxException">The file cannot be read, or not be written.</exception>
    public int Recover()
    {
        lock (_lock)
        {
            var document = _store.Load();
            _nextIndex = document.NextIndex;
            foreach (var entry in document.States.Reverse()) // the oldest first
                OrForget(() => Restore(entry));
            foreach (var entry in document.Policies.Reverse())
                OrForget(() => Restore(entry));
            if (document.States.Count + document.Policies.Count > 0)
                Save(); // the sequence numbers that are reserved now
            return _states.Length + _policies.Length;
        }
    }

    /// <summary>
    /// Removes what has expired, and saves sequence numbers ahead of those that are sent. To be called a few times a second.
    /// </summary>
    /// <exception cref="LinuxException">It could not be saved.</exception>
    public void Tick()
    {
        lock (_lock)
        {
            var now = Now;
            KeptState[] states = [.. _states.Where(kept => !kept.State.Limits.HasExpired(kept.Usage(_plane), kept.Added, now)).Select(Reserve)];
            KeptPolicy[] policies = [.. _policies.Where(kept => !kept.Policy.Limits.HasExpired(kept.Usage(_plane), kept.Added, now))];
            if (states.SequenceEqual(_states) && policies.Length == _policies.Length)
                return;
            var (statesBefore, policiesBefore) = (_states, _policies);
            Keep(states, policies);
            foreach (var gone in statesBefore.Where(kept => states.All(other => other.State.Id != kept.State.Id)))
            {
                _plane.Remove(gone.State);
                _log.Write($"{gone.State}: expired");
            }
            foreach (var gone in policiesBefore.Except(policies))
                _plane.Remove(gone.Policy);
        }
    }

    /// <summary>Saves everything again, when the file was taken away.</summary>
    /// <exception cref="LinuxException">It could not be written.</exception>
    public void SaveAll()
    {
        lock (_lock)
            Save();
    }

    /// <summary>Removes everything, and the file: the namespace goes, or nothing is to be left.</summary>
    /// <exception cref="LinuxException">The file could not be deleted.</exception>
    public void RemoveAll()
    {
        lock (_lock)
        {
            foreach (var kept in _policies)
                _plane.Remove(kept.Policy);
            foreach (var kept in _states)
                _plane.Remove(kept.State);
            (_states, _policies) = ([], []);
            _store.Delete();
        }
    }

    private KeptState Reserve(KeptState kept)
    {
        var output = _plane.ReplayOf(kept.State).Output;
        return kept.NeedsMore(output) ? kept.Reserve(output) : kept;
    }

    private void Restore(XfrmStateEntry entry)
    {
        var state = XfrmStateSpecs.Parse(entry.Spec, ++_lastId, _words);
        Check(_plane.Refusal(state));
        _plane.Install(state);
        var kept = new KeptState(state, entry.Usage.Added, KeptXfrm.Read(entry.Usage), 0);
        _states = [kept.Reserve(state.OutputSequence), .. _states];
    }

    private void Restore(XfrmPolicyEntry entry)
    {
        var policy = XfrmPolicySpecs.Parse(entry.Spec, _words);
        Check(_plane.Refusal(policy));
        _plane.Install(policy, insteadOf: null);
        _policies = [new(policy, entry.Usage.Added, KeptXfrm.Read(entry.Usage)), .. _policies];
    }

    private void OrForget(Action restore)
    {
        try
        {
            restore();
        }
        catch (XfrmException fault)
        {
            _log.Write($"an IPsec state or policy that was kept cannot be brought back, and is forgotten: {fault.Message}");
        }
    }
}
