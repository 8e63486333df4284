using Qanat.Packets;

namespace Qanat.Ipsec;

/// <summary>What is to become of a packet that leaves.</summary>
public enum OutputVerdict
{
    /// <summary>It is to be sealed.</summary>
    Protect,

    /// <summary>No policy wants it protected. A vti device sends nothing like that.</summary>
    Pass,

    /// <summary>It is dropped, and counted.</summary>
    Drop,
}

/// <summary>
/// IPsec as a tunnel sees it: what a packet's policy and state are, both ways, and the counters. Out: <see cref="Resolve"/>,
/// then <see cref="TrySeal"/> for each segment. In: <see cref="FindState"/>, <see cref="TryOpen"/>, <see cref="Admits"/>. It belongs to
/// one worker, does no I/O, and allocates nothing for a packet.
/// </summary>
/// <param name="time">The clock of the lifetimes.</param>
public sealed class IpsecEngine(TimeProvider time)
{
    /// <summary>The states.</summary>
    public SecurityAssociationDatabase States { get; } = new(time);

    /// <summary>The policies.</summary>
    public SecurityPolicyDatabase Policies { get; } = new(time);

    /// <summary>Packets that went no further, by reason.</summary>
    public XfrmCounters Counters { get; } = new();

    /// <summary>Looks at the clock. Each second will do.</summary>
    public void Sweep()
    {
        States.Sweep();
        Policies.Sweep();
    }

    /// <summary>Finds the state that a leaving packet is to be sealed with, by its policy.</summary>
    /// <param name="inner">The inner packet; of a super-packet, the headers are enough.</param>
    /// <param name="mark">Its mark: through a vti device, the okey.</param>
    /// <param name="local">The outer source, for templates that name none.</param>
    /// <param name="state">The state, when it is to be sealed.</param>
    /// <param name="device">The index of the device that it was sent into, for selectors that name one.</param>
    public OutputVerdict Resolve(ReadOnlySpan<byte> inner, uint mark, IpAddress local, out SecurityAssociation? state, int device = 0)
    {
        state = null;
        if (!Flow.TryParse(inner, out var flow))
            return Drop(XfrmReason.XfrmOutError);
        flow = flow with { Interface = device };
        var policy = Policies.Lookup(PolicyDirection.Out, flow, mark);
        policy?.Lifetime.Use();
        if ((policy?.Parameters.Action ?? Policies.GetDefault(PolicyDirection.Out)) == PolicyAction.Block)
            return Drop(XfrmReason.XfrmOutPolBlock);
        if (policy is null || policy.Parameters.Templates.Count == 0)
            return OutputVerdict.Pass;
        if (policy.Parameters.Templates.Count > 1)
            return Drop(XfrmReason.XfrmOutBundleGenError);

        var template = policy.Parameters.Templates[0];
        var (source, destination) = template.Mode == XfrmMode.Transport ? (flow.Source, flow.Destination)
            : (template.Source.IsAny ? local : template.Source, template.Destination);
        state = States.FindFor(template, source, destination, flow, policy.Parameters.Mark.Effective, policy.Parameters.InterfaceId);
        if (state is not null)
            return OutputVerdict.Protect;
        return template.Optional ? OutputVerdict.Pass : Drop(XfrmReason.XfrmOutNoStates);
    }

    /// <summary>Seals a packet as <see cref="Esp.TrySeal"/> does, and counts when it cannot.</summary>
    public bool TrySeal(SecurityAssociation state, Span<byte> packet, int innerLength, IpProtocol nextHeader) =>
        Esp.TrySeal(state, packet, innerLength, nextHeader, out var reason) || Refuse(reason);

    /// <summary>Finds the state of an arriving ESP packet; null, and counted, when there is none.</summary>
    /// <param name="destination">The outer destination.</param>
    /// <param name="packet">The packet, from its ESP header on.</param>
    /// <param name="mark">Its mark: through a vti device, the ikey.</param>
    public SecurityAssociation? FindState(IpAddress destination, ReadOnlySpan<byte> packet, uint mark)
    {
        var named = EspHeader.TryParse(packet, out var header);
        var state = named ? States.Find(destination, header.Spi, IpProtocol.Esp, mark) : null;
        if (state is null)
            Counters.Count(named ? XfrmReason.XfrmInNoStates : XfrmReason.XfrmInHdrError);
        return state;
    }

    /// <summary>Opens a packet as <see cref="Esp.TryOpen"/> does, and counts when there is nothing in it.</summary>
    public bool TryOpen(SecurityAssociation state, Span<byte> packet, bool inUdp, out EspPayload payload, out XfrmReason reason) =>
        Esp.TryOpen(state, packet, inUdp, out payload, out reason) || Refuse(reason);

    /// <summary>
    /// True when an arriving inner packet may go on: the selector of its state means it, and its policy asks for that state
    /// (net/xfrm/xfrm_policy.c: __xfrm_policy_check).
    /// </summary>
    /// <param name="state">What it was opened with.</param>
    /// <param name="inner">The inner packet.</param>
    /// <param name="mark">Its mark: through a vti device, the ikey.</param>
    /// <param name="direction">In; forward for the policies of packets that are passed on.</param>
    public bool Admits(SecurityAssociation state, ReadOnlySpan<byte> inner, uint mark, PolicyDirection direction = PolicyDirection.In)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!Flow.TryParse(inner, out var flow))
            return Refuse(XfrmReason.XfrmInHdrError);
        if (!state.Parameters.Selector.Matches(flow))
            return Refuse(XfrmReason.XfrmInStateMismatch);
        if (Policies.Lookup(direction, flow, mark) is not { } policy)
            return Refuse(XfrmReason.XfrmInNoPols);
        policy.Lifetime.Use();
        if (policy.Parameters.Action == PolicyAction.Block)
            return Refuse(XfrmReason.XfrmInPolBlock);
        var templates = policy.Parameters.Templates;
        return templates.Count == 1 && templates[0].Accepts(state.Parameters) || Refuse(XfrmReason.XfrmInTmplMismatch);
    }

    private OutputVerdict Drop(XfrmReason reason)
    {
        Counters.Count(reason);
        return OutputVerdict.Drop;
    }

    private bool Refuse(XfrmReason reason)
    {
        Counters.Count(reason);
        return false;
    }
}
