using System.Net.Sockets;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>Which states a list shows; what is null does not matter.</summary>
internal sealed record XfrmStateFilter
{
    /// <summary>The family of their addresses.</summary>
    public AddressFamily Family { get; set; }

    /// <summary>Whether they are shown without keys.</summary>
    public bool NoKeys { get; set; }

    /// <summary>The words that name them.</summary>
    public XfrmId? Id { get; set; }

    /// <summary>Their mode.</summary>
    public string? Mode { get; set; }

    /// <summary>What policies call them by.</summary>
    public uint? Reqid { get; set; }

    /// <summary>They have one of these flags.</summary>
    public string[]? Flags { get; set; }

    /// <summary>Whether a state is shown.</summary>
    public bool Selects(XfrmStateSpec state) =>
        XfrmFilters.IsOf(Family, state.Dst) &&
        (Id?.Src is not { } source || XfrmPrefixes.Contains(source, state.Src)) &&
        (Id?.Dst is not { } destination || XfrmPrefixes.Contains(destination, state.Dst)) &&
        (Id?.Proto is not { } protocol || protocol == state.Proto) && (Id?.Spi is not { } spi || spi == state.Spi) &&
        (Mode is null || Mode == state.Mode) && (Reqid is null || Reqid == state.Reqid) &&
        (Flags is null || Flags.Intersect(state.Flags).Any());
}

/// <summary>Which policies a list shows; what is null does not matter.</summary>
internal sealed record XfrmPolicyFilter
{
    /// <summary>The family of their selectors.</summary>
    public AddressFamily Family { get; set; }

    /// <summary>Their packets.</summary>
    public XfrmSelectorWords? Selector { get; set; }

    /// <summary>Their direction.</summary>
    public string? Dir { get; set; }

    /// <summary>Their index.</summary>
    public uint? Index { get; set; }

    /// <summary>Their type.</summary>
    public string? Ptype { get; set; }

    /// <summary>Their action.</summary>
    public string? Action { get; set; }

    /// <summary>Their priority.</summary>
    public uint? Priority { get; set; }

    /// <summary>They have one of these flags.</summary>
    public string[]? Flags { get; set; }

    /// <summary>Whether a policy is shown.</summary>
    public bool Selects(XfrmPolicySpec policy) =>
        XfrmFilters.IsOf(Family, policy.Sel.Dst) && (Selector is null || Selector.Selects(policy.Sel)) &&
        (Dir is null || Dir == policy.Dir) && (Index is null || Index == policy.Index) && (Ptype is null || Ptype == policy.Ptype) &&
        (Action is null || Action == policy.Action) && (Priority is null || Priority == policy.Priority) &&
        (Flags is null || Flags.Intersect(policy.Flags).Any());
}

/// <summary>What both have in common.</summary>
internal static class XfrmFilters
{
    /// <summary>Whether an address or prefix is of a family.</summary>
    public static bool IsOf(AddressFamily family, string address) =>
        family == AddressFamily.Unspecified || address.Contains(':') == (family == AddressFamily.InterNetworkV6);
}
