using System.Runtime.InteropServices;

namespace Qanat.Ipsec;

/// <summary>
/// The policies there are, by the kernel's rules and with its error numbers (net/xfrm/xfrm_policy.c). It belongs to one
/// worker.
/// </summary>
/// <param name="time">The clock of the lifetimes.</param>
public sealed class SecurityPolicyDatabase(TimeProvider time)
{
    private const uint WholeMark = uint.MaxValue;

    private readonly LinkedList<SecurityPolicy> _all = []; // newest first, as in the kernel's list
    private readonly Dictionary<uint, SecurityPolicy> _byIndex = [];

    // A policy of a route-based tunnel is for one mark: it is found at once, however many there are. The rest are looked through.
    private readonly Dictionary<(PolicyDirection, uint Mark), List<SecurityPolicy>> _byMark = [];
    private readonly List<SecurityPolicy>[] _others = [[], [], []];
    private readonly PolicyAction[] _defaults = new PolicyAction[3];
    private long _order;
    private uint _indexes;

    /// <summary>All policies, the newest first.</summary>
    public IReadOnlyCollection<SecurityPolicy> Policies => _all;

    /// <summary>A policy has come to its soft limit (false) or its hard one (true), and then is gone.</summary>
    public event Action<SecurityPolicy, bool>? Expired;

    /// <summary>What becomes of packets that no policy is for (<c>ip xfrm policy getdefault</c>).</summary>
    public PolicyAction GetDefault(PolicyDirection direction) => _defaults[(int)direction];

    /// <summary>Says what becomes of packets that no policy is for (<c>ip xfrm policy setdefault</c>).</summary>
    public void SetDefault(PolicyDirection direction, PolicyAction action) => _defaults[(int)direction] = action;

    /// <summary>Adds a policy. EEXIST when one has its direction, selector, mark and interface.</summary>
    public XfrmResult Add(SecurityPolicyParameters parameters, out SecurityPolicy? policy)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        policy = null;
        return Locate(parameters) is null ? Put(parameters, out policy) : new(XfrmCode.EEXIST);
    }

    /// <summary>Puts a policy in the place of the one with its direction, selector, mark and interface, or adds it.</summary>
    public XfrmResult Update(SecurityPolicyParameters parameters, out SecurityPolicy? policy)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        policy = null;
        var result = SecurityPolicy.Check(parameters);
        if (!result.Succeeded)
            return result;
        if (Locate(parameters) is not { } old)
            return Put(parameters, out policy);
        Remove(old);
        return Put(parameters with { Index = old.Parameters.Index }, out policy);
    }

    /// <summary>The policy with exactly this direction, selector, mark and interface.</summary>
    public SecurityPolicy? Find(PolicyDirection direction, Selector selector, Mark mark, uint interfaceId = 0)
    {
        mark = new(mark.Effective, mark.Mask);
        foreach (var policy in Bucket(direction, mark, create: false))
            if (policy.Parameters.Mark == mark && policy.Parameters.InterfaceId == interfaceId && policy.Parameters.Selector == selector)
                return policy;
        return null;
    }

    /// <summary>The policy with this index and direction.</summary>
    public SecurityPolicy? Find(PolicyDirection direction, uint index) =>
        _byIndex.TryGetValue(index, out var policy) && policy.Parameters.Direction == direction ? policy : null;

    /// <summary>The policy for a packet: the lowest priority, then the oldest. Null when there is none.</summary>
    public SecurityPolicy? Lookup(PolicyDirection direction, in Flow flow, uint mark, uint interfaceId = 0)
    {
        SecurityPolicy? best = null;
        if (_byMark.TryGetValue((direction, mark), out var marked))
            Better(marked, flow, mark, interfaceId, ref best);
        Better(_others[(int)direction], flow, mark, interfaceId, ref best);
        return best;
    }

    /// <summary>Deletes a policy. ENOENT when it is none of the database.</summary>
    public XfrmResult Delete(SecurityPolicy? policy)
    {
        if (policy is null || !_byIndex.TryGetValue(policy.Parameters.Index, out var known) || known != policy)
            return new(XfrmCode.ENOENT);
        Remove(policy);
        return XfrmResult.Success;
    }

    /// <summary>Deletes all policies. The number of them; to find none is no error.</summary>
    public int Flush()
    {
        var policies = _all.ToArray();
        Array.ForEach(policies, Remove);
        return policies.Length;
    }

    /// <summary>Looks at the clock: deletes policies at their hard limit. To be called each second or so.</summary>
    public void Sweep()
    {
        List<(SecurityPolicy Policy, bool Over)> events = []; // told afterwards: whoever hears of it may change the database
        foreach (var policy in _all)
        {
            var over = policy.Lifetime.IsOver();
            if (over || policy.Lifetime.TakeWarning())
                events.Add((policy, over));
        }
        foreach (var (policy, over) in events)
        {
            if (over)
                Delete(policy);
            Expired?.Invoke(policy, over);
        }
    }

    private XfrmResult Put(SecurityPolicyParameters parameters, out SecurityPolicy? policy)
    {
        policy = null;
        var result = SecurityPolicy.Check(parameters);
        if (!result.Succeeded)
            return result;
        var index = parameters.Index != 0 && !_byIndex.ContainsKey(parameters.Index) ? parameters.Index : NextIndex(parameters.Direction);
        policy = new(parameters with { Index = index }, _order++, time);
        _byIndex.Add(index, policy);
        _all.AddFirst(policy);
        var bucket = Bucket(parameters.Direction, policy.Parameters.Mark, create: true);
        var at = bucket.FindIndex(policy.IsBefore);
        bucket.Insert(at < 0 ? bucket.Count : at, policy);
        return result;
    }

    private void Remove(SecurityPolicy policy)
    {
        _all.Remove(policy);
        _byIndex.Remove(policy.Parameters.Index);
        var (direction, mark) = (policy.Parameters.Direction, policy.Parameters.Mark);
        var bucket = Bucket(direction, mark, create: false);
        bucket.Remove(policy);
        if (bucket.Count == 0 && mark.Mask == WholeMark)
            _byMark.Remove((direction, mark.Value));
    }

    // The kernel's xfrm_gen_index: 8, 16, ... for in, with the direction in the lowest bits.
    private uint NextIndex(PolicyDirection direction)
    {
        uint index;
        do
        {
            index = _indexes | (uint)direction;
            _indexes += 8;
        }
        while (index == 0 || _byIndex.ContainsKey(index));
        return index;
    }

    private SecurityPolicy? Locate(SecurityPolicyParameters parameters) => Enum.IsDefined(parameters.Direction)
        ? Find(parameters.Direction, parameters.Selector, parameters.Mark, parameters.InterfaceId)
        : null;

    private List<SecurityPolicy> Bucket(PolicyDirection direction, Mark mark, bool create)
    {
        if (mark.Mask != WholeMark)
            return _others[(int)direction];
        if (!create)
            return _byMark.TryGetValue((direction, mark.Value), out var found) ? found : [];
        ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_byMark, (direction, mark.Value), out _);
        return bucket ??= [];
    }

    private static void Better(List<SecurityPolicy> bucket, in Flow flow, uint mark, uint interfaceId, ref SecurityPolicy? best)
    {
        foreach (var policy in CollectionsMarshal.AsSpan(bucket))
        {
            if (!policy.IsBefore(best))
                return;
            if (policy.Matches(flow, mark, interfaceId))
            {
                best = policy;
                return;
            }
        }
    }
}
