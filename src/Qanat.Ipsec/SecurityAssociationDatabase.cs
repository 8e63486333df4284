using System.Runtime.InteropServices;
using Qanat.Packets;

namespace Qanat.Ipsec;

/// <summary>
/// The security associations there are, by the kernel's rules and with its error numbers (net/xfrm/xfrm_state.c). It belongs
/// to one worker.
/// </summary>
/// <param name="time">The clock of the lifetimes.</param>
public sealed class SecurityAssociationDatabase(TimeProvider time)
{
    // Newest first, as in the kernel's lists.
    private readonly LinkedList<SecurityAssociation> _all = [];
    private readonly Dictionary<(IpAddress Destination, uint Spi, IpProtocol Protocol), List<SecurityAssociation>> _bySpi = [];
    private readonly Dictionary<(IpAddress Destination, IpAddress Source, uint RequestId), List<SecurityAssociation>> _byPeer = [];

    /// <summary>A lifetime has come to its soft limit (false) or its hard one (true): the state is to be replaced, or is gone.</summary>
    public event Action<SecurityAssociation, bool>? Expired;

    /// <summary>All states, the newest first.</summary>
    public IReadOnlyCollection<SecurityAssociation> States => _all;

    /// <summary>Adds a state. EEXIST when one has its destination, SPI, protocol and mark.</summary>
    /// <param name="parameters">What it is set to; the keys in it are the database's once it is added.</param>
    /// <param name="state">The state, when it is added.</param>
    /// <exception cref="Qanat.Crypto.CryptoException">There is no libcrypto.</exception>
    public XfrmResult Add(SecurityAssociationParameters parameters, out SecurityAssociation? state)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var result = SecurityAssociation.TryCreate(parameters, time, out state);
        if (!result.Succeeded)
            return result;
        if (Locate(parameters) is not null)
        {
            state = null;
            return new(XfrmCode.EEXIST);
        }
        _all.AddFirst(state!);
        Insert(_bySpi, SpiKey(parameters), state!);
        Insert(_byPeer, PeerKey(parameters), state!);
        return result;
    }

    /// <summary>
    /// Changes a state's limits, ports of UDP, output mark and interface, which is all that the kernel changes: not the keys.
    /// ESRCH when there is none; EINVAL when it is not valid, or one is in UDP and the other is not.
    /// </summary>
    public XfrmResult Update(SecurityAssociationParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (Locate(parameters) is not { } state)
            return new(XfrmCode.ESRCH);
        var old = state.Parameters;
        if (state.Status != XfrmStateStatus.Valid || parameters.Encapsulation is null != old.Encapsulation is null)
            return new(XfrmCode.EINVAL);
        state.Parameters = old with
        {
            Limits = parameters.Limits,
            Encapsulation = parameters.Encapsulation,
            OutputMark = parameters.OutputMark == default ? old.OutputMark : parameters.OutputMark,
            InterfaceId = parameters.InterfaceId == 0 ? old.InterfaceId : parameters.InterfaceId,
        };
        state.Lifetime.Renew(parameters.Limits);
        return XfrmResult.Success;
    }

    /// <summary>Deletes a state and wipes its keys. ESRCH when there is none.</summary>
    public XfrmResult Delete(IpAddress destination, uint spi, IpProtocol protocol, Mark mark)
    {
        if (Find(destination, spi, protocol, mark.Effective) is not { } state)
            return new(XfrmCode.ESRCH);
        Remove(state);
        return XfrmResult.Success;
    }

    /// <summary>Deletes all states of a protocol (0 for all) and wipes their keys. The number of them; to find none is no error.</summary>
    public int Flush(IpProtocol protocol = 0)
    {
        var states = _all.Where(state => protocol == 0 || state.Parameters.Protocol == protocol).ToArray();
        Array.ForEach(states, Remove);
        return states.Length;
    }

    /// <summary>The state that an arriving packet belongs to; null when there is none.</summary>
    /// <param name="destination">The outer destination.</param>
    /// <param name="spi">The security parameters index, in host byte order.</param>
    /// <param name="protocol">ESP.</param>
    /// <param name="mark">The packet's mark; through a vti device, its ikey.</param>
    public SecurityAssociation? Find(IpAddress destination, uint spi, IpProtocol protocol, uint mark)
    {
        if (!_bySpi.TryGetValue((destination, spi, protocol), out var bucket))
            return null;
        foreach (var state in CollectionsMarshal.AsSpan(bucket))
            if (state.Parameters.Mark.Matches(mark))
                return state;
        return null;
    }

    /// <summary>
    /// The state that a template of a policy asks for: one that is not dying rather than one that is, then the newest. So after
    /// a new key has been added nothing leaves with the old one, which goes on opening what is under way.
    /// </summary>
    /// <param name="template">The template.</param>
    /// <param name="source">The outer source: in tunnel mode the template's, or the local address of the route when it has none.</param>
    /// <param name="destination">The outer destination: in tunnel mode the template's.</param>
    /// <param name="flow">What is in the packet, which the state's selector must mean.</param>
    /// <param name="mark">The mark of the policy.</param>
    /// <param name="interfaceId">The interface of the policy.</param>
    public SecurityAssociation? FindFor(
        PolicyTemplate template, IpAddress source, IpAddress destination, in Flow flow, uint mark, uint interfaceId)
    {
        ArgumentNullException.ThrowIfNull(template);
        var any = IpAddress.Any(destination.IsIPv6);
        return Best(template, (destination, source, template.RequestId), flow, mark, interfaceId)
            ?? Best(template, (destination, any, template.RequestId), flow, mark, interfaceId);
    }

    /// <summary>Looks at the clock: warns of states at their soft limit, deletes those at their hard one. To be called each second or so.</summary>
    public void Sweep()
    {
        List<(SecurityAssociation State, bool Over)> events = []; // told afterwards: whoever hears of it may change the database
        foreach (var state in _all)
        {
            var over = state.Lifetime.IsOver() || state.Status == XfrmStateStatus.Expired;
            if (over || state.Lifetime.TakeWarning())
                events.Add((state, over));
        }
        foreach (var (state, over) in events)
        {
            if (over && state.Status != XfrmStateStatus.Dead)
                Remove(state);
            Expired?.Invoke(state, over);
        }
    }

    private SecurityAssociation? Best(
        PolicyTemplate template, (IpAddress, IpAddress, uint) peer, in Flow flow, uint mark, uint interfaceId)
    {
        if (!_byPeer.TryGetValue(peer, out var bucket))
            return null;
        SecurityAssociation? best = null;
        foreach (var state in CollectionsMarshal.AsSpan(bucket))
        {
            var its = state.Parameters;
            var fits = state.Status == XfrmStateStatus.Valid && its.Mark.Matches(mark) && its.InterfaceId == interfaceId &&
                (its.Flags & XfrmStateFlags.WildReceive) == 0 && its.Mode == template.Mode && its.Protocol == template.Protocol &&
                (template.Spi == 0 || template.Spi == its.Spi) && its.Selector.HasFamilyOf(flow) && its.Selector.Matches(flow);
            if (!fits)
                continue;
            if (!state.Lifetime.IsDying)
                return state;
            best ??= state;
        }
        return best;
    }

    private SecurityAssociation? Locate(SecurityAssociationParameters parameters) =>
        Find(parameters.Destination, parameters.Spi, parameters.Protocol, parameters.Mark.Effective);

    private void Remove(SecurityAssociation state)
    {
        _all.Remove(state);
        Take(_bySpi, SpiKey(state.Parameters), state);
        Take(_byPeer, PeerKey(state.Parameters), state);
        state.Kill();
    }

    private static (IpAddress, uint, IpProtocol) SpiKey(SecurityAssociationParameters its) => (its.Destination, its.Spi, its.Protocol);

    private static (IpAddress, IpAddress, uint) PeerKey(SecurityAssociationParameters its) => (its.Destination, its.Source, its.RequestId);

    private static void Insert<TKey>(Dictionary<TKey, List<SecurityAssociation>> index, TKey key, SecurityAssociation state)
        where TKey : notnull
    {
        ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(index, key, out _);
        (bucket ??= []).Insert(0, state);
    }

    private static void Take<TKey>(Dictionary<TKey, List<SecurityAssociation>> index, TKey key, SecurityAssociation state)
        where TKey : notnull
    {
        var bucket = index[key];
        bucket.Remove(state);
        if (bucket.Count == 0)
            index.Remove(key);
    }
}
