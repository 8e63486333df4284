using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>The policies.</summary>
internal sealed partial class XfrmManager
{
    private const uint IndexStep = 8; // the lower three bits are the direction

    /// <summary>Describes every policy, the newest first.</summary>
    public XfrmPolicyReport[] ListPolicies()
    {
        lock (_lock)
            return [.. _policies.Select(kept => kept.Report(_plane, _words))];
    }

    /// <summary>Adds a policy.</summary>
    /// <exception cref="XfrmException">EEXIST: there is one for these packets. Others: see <see cref="XfrmPolicySpecs.Parse"/>.</exception>
    /// <exception cref="LinuxException">It could not be saved.</exception>
    public XfrmPolicyReport Add(XfrmPolicySpec spec) => Insert(spec, exclusive: true);

    /// <summary>Adds a policy, in place of any other for these packets, whose index it takes.</summary>
    /// <exception cref="XfrmException">See <see cref="XfrmPolicySpecs.Parse"/>.</exception>
    /// <exception cref="LinuxException">It could not be saved.</exception>
    public XfrmPolicyReport Update(XfrmPolicySpec spec) => Insert(spec, exclusive: false);

    /// <summary>Removes a policy.</summary>
    /// <exception cref="XfrmException">ENOENT: there is none.</exception>
    /// <exception cref="LinuxException">It could not be saved; nothing was removed.</exception>
    public void RemovePolicy(uint index)
    {
        lock (_lock)
        {
            var kept = Array.Find(_policies, kept => kept.Policy.Index == index) ?? throw new XfrmException(Errno.ENOENT);
            Keep(_states, [.. _policies.Where(other => other != kept)]);
            _plane.Remove(kept.Policy);
        }
    }

    /// <summary>Removes every policy of a type.</summary>
    /// <exception cref="LinuxException">It could not be saved; nothing was removed.</exception>
    public void FlushPolicies(bool sub)
    {
        lock (_lock)
        {
            var gone = _policies.Where(kept => kept.Policy.IsSub == sub).ToArray();
            Keep(_states, [.. _policies.Except(gone)]);
            foreach (var kept in gone)
                _plane.Remove(kept.Policy);
        }
    }

    private XfrmPolicyReport Insert(XfrmPolicySpec spec, bool exclusive)
    {
        lock (_lock)
        {
            var wanted = XfrmPolicySpecs.Parse(spec, _words);
            var before = Array.Find(_policies, kept => kept.Policy.HasKeyOf(wanted));
            if (before is not null && exclusive)
                throw new XfrmException(Errno.EEXIST);
            Check(_plane.Refusal(wanted));
            var policy = wanted with { Index = before?.Policy.Index ?? ChooseIndex(wanted) };
            var added = new KeptPolicy(policy, Now, default);
            _plane.Install(policy, before?.Policy);
            Keep(_states, [added, .. _policies.Where(other => other != before)], undo: () => Withdraw(policy, before?.Policy));
            return added.Report(_plane, _words);
        }
    }

    private void Withdraw(XfrmPolicy policy, XfrmPolicy? before)
    {
        if (before is null)
            _plane.Remove(policy);
        else
            _plane.Install(before, policy);
    }

    // The one that was asked for, or the next that is free (xfrm_gen_index).
    private uint ChooseIndex(XfrmPolicy policy)
    {
        var index = policy.Index;
        while (index == 0 || Array.Exists(_policies, kept => kept.Policy.Index == index))
        {
            index = _nextIndex | (uint)policy.Direction;
            _nextIndex += IndexStep;
        }
        return index;
    }
}
