using Qanat.Daemon.State;
using Qanat.Ipsec;
using Qanat.Linux;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>What happens without anybody's asking: the start, the end, and the passing of time.</summary>
internal sealed partial class XfrmManager
{
    private bool _expired; // something did, and is not forgotten yet

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <inheritdoc/>
    public Task RecoverAsync()
    {
        if (Recover() is var kept and > 0)
            _log.Write($"recovered {kept} IPsec state{(kept == 1 ? " or policy" : "s and policies")}");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task TendAsync()
    {
        Tick();
        if (Count > 0 && !_store.Exists)
            SaveAll();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task RemoveAllAsync()
    {
        RemoveAll();
        return Task.CompletedTask;
    }

    /// <summary>Brings back what a daemon before us kept. What cannot be any more is forgotten, and one line says so.</summary>
    /// <returns>How many states and policies came back.</returns>
    /// <exception cref="LinuxException">The file cannot be read, or not be written.</exception>
    public int Recover()
    {
        lock (_lock)
        {
            var document = _store.Load();
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
    /// Removes what has expired, and saves sequence numbers ahead of those that are sent. To be called once a second.
    /// </summary>
    /// <exception cref="LinuxException">It could not be saved.</exception>
    public void Tick()
    {
        lock (_lock)
        {
            if (_states.Length + _policies.Length == 0)
                return;
            var (states, policies) = _plane.Use(engine =>
            {
                engine.Sweep();
                return (
                    _states.Where(kept => kept.Association.Status != XfrmStateStatus.Dead).Select(kept => kept.Reserve()).ToArray(),
                    _policies.Where(kept => engine.Policies.Policies.Contains(kept.Policy)).ToArray());
            });
            if (!_expired && states.SequenceEqual(_states))
                return;
            (_states, _policies) = (states, policies); // also when it cannot be saved: what is gone is gone
            Save();
            _expired = false;
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
            (_states, _policies) = ([], []);
            Use(engine =>
            {
                engine.Policies.Flush();
                engine.States.Flush();
            });
            _store.Delete();
        }
    }

    // Both are heard on the engine's thread, while Tick waits for it.
    private void OnExpired(SecurityAssociation state, bool over)
    {
        var its = state.Parameters;
        _expired |= over;
        _log.Write($"state {its.Source} -> {its.Destination} esp 0x{its.Spi:x8}: {(over ? "expired" : "expires soon")}");
    }

    private void OnExpired(SecurityPolicy policy, bool over)
    {
        var its = policy.Parameters;
        _expired |= over;
        _log.Write($"policy {its.Selector.Source} -> {its.Selector.Destination}, index {its.Index}: {(over ? "expired" : "expires soon")}");
    }

    private void Restore(XfrmStateEntry entry) =>
        _states = [Install(XfrmStateSpecs.Parse(entry.Spec, _words), entry.Usage), .. _states];

    private void Restore(XfrmPolicyEntry entry)
    {
        var wanted = XfrmPolicySpecs.Parse(entry.Spec, _words);
        _plane.Use(engine =>
        {
            Check(engine.Policies.Add(wanted with { Limits = XfrmUsages.Left(wanted.Limits, entry.Usage, Now) }, out var policy));
            _policies = [new(policy!, wanted.Limits, entry.Usage), .. _policies];
            return true;
        });
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
