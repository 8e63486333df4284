namespace Qanat.Ipsec;

/// <summary>
/// What the outer header of a tunnel takes from the inner one, and gives back (net/xfrm/xfrm_output.c:
/// xfrm4_tunnel_encap_add, net/xfrm/xfrm_input.c: xfrm4_remove_tunnel_encap). The rest of it: TTL of the route, IP id 0 with DF.
/// </summary>
public static class OuterFields
{
    private const byte EcnMask = 3, Ect0 = 2, Ce = 3;

    /// <summary>The outer TOS or traffic class of a packet whose own is <paramref name="inner"/>.</summary>
    public static byte TypeOfService(SecurityAssociationParameters state, byte inner)
    {
        ArgumentNullException.ThrowIfNull(state);
        var dscp = (state.ExtraFlags & XfrmStateExtraFlags.DontEncapDscp) != 0 ? 0 : inner & ~EcnMask;
        var ecn = (inner & EcnMask) == Ce ? Ect0 : inner & EcnMask;
        return (byte)(dscp | ((state.Flags & XfrmStateFlags.NoEcn) != 0 ? 0 : ecn));
    }

    /// <summary>Whether the outer packet has DF. An inner packet of IPv6 counts as one with DF.</summary>
    public static bool DontFragment(SecurityAssociationParameters state, bool inner)
    {
        ArgumentNullException.ThrowIfNull(state);
        return inner && (state.Flags & XfrmStateFlags.NoPathMtuDiscovery) == 0;
    }

    /// <summary>The TOS or traffic class that a packet goes on with: the outer one's congestion mark reaches it, its DSCP if asked for.</summary>
    public static byte Restore(SecurityAssociationParameters state, byte outer, byte inner)
    {
        ArgumentNullException.ThrowIfNull(state);
        var result = (state.Flags & XfrmStateFlags.DecapDscp) != 0 ? outer & ~EcnMask | inner & EcnMask : inner;
        var marked = (outer & EcnMask) == Ce && (inner & EcnMask) != 0 && (state.Flags & XfrmStateFlags.NoEcn) == 0;
        return (byte)(marked ? result | Ce : result);
    }
}
