using Qanat.Daemon.Api;
using Qanat.Ipsec;
using Qanat.Linux;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>The policies.</summary>
internal sealed partial class XfrmManager
{
    /// <summary>Describes every policy, the newest first.</summary>
    public XfrmPolicyReport[] ListPolicies()
    {
        lock (_lock)
            return _plane.Use(_ => _policies.Select(kept => kept.Report(_words)).ToArray());
    }

    /// <summary>Adds a policy.</summary>
    /// <exception cref="XfrmException">
    /// EEXIST: there is one for these packets. EINVAL, EPROTONOSUPPORT, ENODEV: as the kernel has them.
    /// </exception>
    /// <exception cref="LinuxException">It could not be saved.</exception>
    public XfrmPolicyReport Add(XfrmPolicySpec spec) => Insert(spec, exclusive: true);

    /// <summary>Adds a policy, in place of any other for these packets, whose index it takes.</summary>
    /// <exception cref="XfrmException">EINVAL, EPROTONOSUPPORT, ENODEV: as the kernel has them.</exception>
    /// <exception cref="LinuxException">It could not be saved.</exception>
    public XfrmPolicyReport Update(XfrmPolicySpec spec) => Insert(spec, exclusive: false);

    /// <summary>Removes a policy.</summary>
    /// <exception cref="XfrmException">ENOENT: there is none.</exception>
    /// <exception cref="LinuxException">It could not be saved; nothing was removed.</exception>
    public void RemovePolicy(uint index)
    {
        lock (_lock)
        {
            var gone = Array.Find(_policies, kept => kept.Policy.Parameters.Index == index) ?? throw new XfrmException(Errno.ENOENT);
            Keep(_states, [.. _policies.Where(other => other != gone)]);
            Use(engine => engine.Policies.Delete(gone.Policy));
        }
    }

    /// <summary>Removes every policy.</summary>
    /// <exception cref="LinuxException">It could not be saved; nothing was removed.</exception>
    public void FlushPolicies()
    {
        lock (_lock)
        {
            Keep(_states, []);
            Use(engine => engine.Policies.Flush());
        }
    }

    private XfrmPolicyReport Insert(XfrmPolicySpec spec, bool exclusive)
    {
        lock (_lock)
        {
            var wanted = XfrmPolicySpecs.Parse(spec, _words);
            var (added, before) = _plane.Use(engine =>
            {
                var before = engine.Policies.Find(wanted.Direction, wanted.Selector, wanted.Mark, wanted.InterfaceId);
                Check(exclusive ? engine.Policies.Add(wanted, out var policy) : engine.Policies.Update(wanted, out policy));
                return (new KeptPolicy(policy!, wanted.Limits, null), before);
            });
            Keep(_states, [added, .. _policies.Where(other => other.Policy != before)], undo: engine => Withdraw(engine, added, before));
            return _plane.Use(_ => added.Report(_words));
        }
    }

    private void Withdraw(IpsecEngine engine, KeptPolicy added, SecurityPolicy? before)
    {
        engine.Policies.Delete(added.Policy);
        if (before is null)
            return;
        engine.Policies.Add(before.Parameters, out var again);
        _policies = [.. _policies.Select(kept => kept.Policy == before ? kept with { Policy = again! } : kept)];
    }
}
