using System.Net.Sockets;
using Qanat.Packets;

namespace Qanat.Ipsec;

/// <summary>A policy: what is to be done with some packets.</summary>
public sealed class SecurityPolicy
{
    /// <summary>The most templates that a policy has (XFRM_MAX_DEPTH).</summary>
    public const int MaxTemplates = 6;

    internal SecurityPolicy(SecurityPolicyParameters parameters, long order, TimeProvider time)
    {
        (Parameters, Order) = (parameters with { Mark = new(parameters.Mark.Effective, parameters.Mark.Mask) }, order);
        Lifetime = new Lifetime(parameters.Limits, time);
    }

    /// <summary>What it is set to; its index is never 0.</summary>
    public SecurityPolicyParameters Parameters { get; }

    /// <summary>Since when it lives.</summary>
    public Lifetime Lifetime { get; }

    /// <summary>Which of those with one priority came first.</summary>
    internal long Order { get; }

    /// <summary>Checks parameters as the kernel does (net/xfrm/xfrm_user.c: verify_newpolicy_info, validate_tmpl).</summary>
    internal static XfrmResult Check(SecurityPolicyParameters parameters)
    {
        if (!Enum.IsDefined(parameters.Direction) || !Enum.IsDefined(parameters.Action))
            return Invalid("Invalid policy direction");
        if (parameters.Selector.Family is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
            return Invalid("Invalid selector family");
        if (!parameters.Selector.HasValidPrefixes)
            return Invalid("Invalid prefix length in selector");
        if (parameters.Index != 0 && (parameters.Index & 3) != (uint)parameters.Direction)
            return Invalid("Policy index doesn't match direction");
        if (parameters.Templates.Count > MaxTemplates)
            return Invalid("Template count must be <= XFRM_MAX_DEPTH (6)");
        var isIPv6 = parameters.Selector.Family == AddressFamily.InterNetworkV6;
        foreach (var template in parameters.Templates)
        {
            if (template is { Mode: XfrmMode.Tunnel, Optional: true } && parameters.Direction == PolicyDirection.Out)
                return Invalid("Mode in optional template not allowed in outbound policy");
            if (template.Mode == XfrmMode.Transport && template.Destination.IsIPv6 != isIPv6)
                return Invalid("Mode in template doesn't support a family change");
            if (template.Source.IsIPv6 != template.Destination.IsIPv6)
                return Invalid("Invalid family in template");
            if (template.Protocol != IpProtocol.Esp)
                return Invalid("Invalid XFRM protocol in template");
            isIPv6 = template.Destination.IsIPv6;
        }
        return XfrmResult.Success;
    }

    /// <summary>True when it is for such a packet.</summary>
    internal bool Matches(in Flow flow, uint mark, uint interfaceId) =>
        Parameters.InterfaceId == interfaceId && Parameters.Mark.Matches(mark) &&
        Parameters.Selector.HasFamilyOf(flow) && Parameters.Selector.Matches(flow);

    /// <summary>True when it comes before <paramref name="other"/>, which may be none.</summary>
    internal bool IsBefore(SecurityPolicy? other) =>
        other is null || (Parameters.Priority, Order).CompareTo((other.Parameters.Priority, other.Order)) < 0;

    private static XfrmResult Invalid(string detail) => new(XfrmCode.EINVAL, detail);
}
