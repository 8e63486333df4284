using Qanat.Crypto;
using Qanat.Daemon.Api;
using Qanat.Daemon.Devices;
using Qanat.Daemon.State;
using Qanat.Ipsec;
using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>
/// Keeps the security associations and policies of the namespace: in the engine, whose rules are the kernel's, and in a file. Nothing is
/// answered before it is saved, and when it cannot be saved it is as it was.
/// </summary>
internal sealed partial class XfrmManager : IKeeper
{
    private readonly IXfrmPlane _plane;
    private readonly XfrmStore _store;
    private readonly TimeProvider _time;
    private readonly DaemonLog _log;
    private readonly XfrmWords _words;
    private readonly Lock _lock = new();
    private KeptState[] _states = []; // the newest first, as is _policies; replaced, never altered
    private KeptPolicy[] _policies = [];

    /// <summary>A manager that keeps nothing yet.</summary>
    public XfrmManager(IXfrmPlane plane, XfrmStore store, ITunnelDevices devices, TimeProvider time, DaemonLog log)
    {
        (_plane, _store, _time, _log) = (plane, store, time, log);
        _words = new(index => devices.Find(index)?.Name, name => devices.Find(name)?.Index);
        Use(engine =>
        {
            engine.States.Expired += OnExpired;
            engine.Policies.Expired += OnExpired;
        });
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

    /// <summary>Describes every state, the newest first.</summary>
    /// <param name="keys">Whether with keys.</param>
    public XfrmStateReport[] ListStates(bool keys)
    {
        lock (_lock)
            return _plane.Use(_ => _states.Select(kept => kept.Report(_words, keys)).ToArray());
    }

    /// <summary>Describes one state.</summary>
    /// <exception cref="XfrmException">ESRCH: there is none.</exception>
    public XfrmStateReport GetState(IpAddress destination, uint spi, uint mark, bool keys)
    {
        lock (_lock)
            return _plane.Use(engine => Find(engine, destination, spi, mark).Report(_words, keys));
    }

    /// <summary>Adds a state.</summary>
    /// <exception cref="XfrmException">
    /// EEXIST: there is one of that name. EINVAL, ENOSYS, EPROTONOSUPPORT, ENODEV: as the kernel has them.
    /// </exception>
    /// <exception cref="LinuxException">It could not be saved.</exception>
    public XfrmStateReport Add(XfrmStateSpec spec)
    {
        lock (_lock)
        {
            var added = Install(XfrmStateSpecs.Parse(spec, _words), null);
            Keep([added, .. _states], _policies, undo: engine => Delete(engine, added));
            return _plane.Use(_ => added.Report(_words, keys: true));
        }
    }

    /// <summary>
    /// Changes a state. As in the kernel (xfrm_state_update) that is its UDP header, its limits, its output mark and its interface; of the
    /// rest of the description, its destination, index and mark name the state, and the others count for nothing.
    /// </summary>
    /// <exception cref="XfrmException">
    /// ESRCH: there is none. EINVAL: one of the two has a UDP header. ENOSYS, EPROTONOSUPPORT, ENODEV: as the kernel has them.
    /// </exception>
    /// <exception cref="LinuxException">It could not be saved.</exception>
    public XfrmStateReport Update(XfrmStateSpec spec)
    {
        lock (_lock)
        {
            var wanted = XfrmStateSpecs.Parse(spec, _words);
            var (kept, before) = _plane.Use(engine =>
            {
                var kept = Find(engine, wanted.Destination, wanted.Spi, wanted.Mark.Effective);
                var before = kept.Association.Parameters;
                Check(engine.States.Update(wanted));
                return (kept, before);
            });
            var changed = kept with { Limits = wanted.Limits };
            Keep([.. _states.Select(other => other == kept ? changed : other)], _policies, undo: engine => engine.States.Update(before));
            return _plane.Use(_ => changed.Report(_words, keys: true));
        }
    }

    /// <summary>Removes a state.</summary>
    /// <exception cref="XfrmException">ESRCH: there is none.</exception>
    /// <exception cref="LinuxException">It could not be saved; nothing was removed.</exception>
    public void RemoveState(IpAddress destination, uint spi, uint mark)
    {
        lock (_lock)
        {
            var gone = _plane.Use(engine => Find(engine, destination, spi, mark));
            Keep([.. _states.Where(other => other != gone)], _policies);
            Use(engine => engine.States.Delete(destination, spi, IpProtocol.Esp, new(mark, uint.MaxValue)));
        }
    }

    /// <summary>Removes every state.</summary>
    /// <exception cref="LinuxException">It could not be saved; nothing was removed.</exception>
    public void FlushStates()
    {
        lock (_lock)
        {
            Keep([], _policies);
            Use(engine => engine.States.Flush());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Use(engine =>
    {
        engine.States.Expired -= OnExpired;
        engine.Policies.Expired -= OnExpired;
    });

    private KeptState Find(IpsecEngine engine, IpAddress destination, uint spi, uint mark) =>
        engine.States.Find(destination, spi, IpProtocol.Esp, mark) is { } found &&
        Array.Find(_states, kept => kept.Association == found) is { } kept
            ? kept
            : throw new XfrmException(Errno.ESRCH);

    // Takes a state into the engine; what had passed before it is not counted again.
    private KeptState Install(SecurityAssociationParameters wanted, XfrmUsageReport? before)
    {
        var left = before is null ? wanted : wanted with { Limits = XfrmUsages.Left(wanted.Limits, before, Now) };
        return _plane.Use(engine =>
        {
            try
            {
                Check(engine.States.Add(left, out var association));
                return new KeptState(association!, wanted.Limits, before, 0).Reserve();
            }
            catch (CryptoException fault)
            {
                throw new XfrmException(Errno.EOPNOTSUPP, fault.Message);
            }
        });
    }

    private static void Delete(IpsecEngine engine, KeptState kept)
    {
        var its = kept.Association.Parameters;
        engine.States.Delete(its.Destination, its.Spi, its.Protocol, its.Mark);
    }

    // From here on it is so, unless it cannot be saved.
    private void Keep(KeptState[] states, KeptPolicy[] policies, Action<IpsecEngine>? undo = null)
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
            if (undo is not null)
                Use(undo);
            throw;
        }
    }

    private void Save()
    {
        var (states, policies) = _plane.Use(_ => (
            _states.Select(kept => kept.ToEntry()).ToArray(), _policies.Select(kept => kept.ToEntry()).ToArray()));
        _store.Save(states, policies);
    }

    private static void Check(XfrmResult result)
    {
        if (!result.Succeeded)
            throw new XfrmException((int)result.Code, result.Detail);
    }

    private void Use(Action<IpsecEngine> act) => _plane.Use(engine =>
    {
        act(engine);
        return true;
    });
}
