using System.Net.Sockets;
using Qanat.Packets;

namespace Qanat.Ipsec;

/// <summary>Which packets something is for (<c>struct xfrm_selector</c>; net/xfrm/xfrm_policy.c: xfrm_selector_match).</summary>
public sealed record Selector
{
    /// <summary>The family of the packets; unspecified is either, for a state that has no selector.</summary>
    public AddressFamily Family { get; init; } = AddressFamily.Unspecified;

    /// <summary>Where they come from.</summary>
    public IpPrefix Source { get; init; }

    /// <summary>Where they go to.</summary>
    public IpPrefix Destination { get; init; }

    /// <summary>Their protocol; 0 is every one.</summary>
    public IpProtocol Protocol { get; init; }

    /// <summary>Their source port, ICMP type, or upper half of a GRE key.</summary>
    public ushort SourcePort { get; init; }

    /// <summary>The bits of it that count; 0 is every port.</summary>
    public ushort SourcePortMask { get; init; }

    /// <summary>Their destination port, ICMP code, or lower half of a GRE key.</summary>
    public ushort DestinationPort { get; init; }

    /// <summary>The bits of it that count; 0 is every port.</summary>
    public ushort DestinationPortMask { get; init; }

    /// <summary>The index of the device that they leave by; 0 is every one.</summary>
    public int Interface { get; init; }

    /// <summary>All packets of a family.</summary>
    public static Selector All(AddressFamily family)
    {
        var any = new IpPrefix(IpAddress.Any(family == AddressFamily.InterNetworkV6), 0);
        return new() { Family = family, Source = any, Destination = any };
    }

    /// <summary>True when packets of the flow's family are meant.</summary>
    public bool HasFamilyOf(in Flow flow) => Family == AddressFamily.Unspecified || Family == Of(flow.IsIPv6);

    /// <summary>True when the flow is meant; its family is not looked at, as in the kernel.</summary>
    public bool Matches(in Flow flow) =>
        Destination.Contains(flow.Destination) && Source.Contains(flow.Source) &&
        ((flow.DestinationPort ^ DestinationPort) & DestinationPortMask) == 0 &&
        ((flow.SourcePort ^ SourcePort) & SourcePortMask) == 0 &&
        (Protocol == 0 || Protocol == flow.Protocol) &&
        (Interface == 0 || Interface == flow.Interface);

    /// <summary>True when no prefix is longer than an address of the family.</summary>
    internal bool HasValidPrefixes
    {
        get
        {
            var most = Family switch { AddressFamily.InterNetwork => 32, AddressFamily.InterNetworkV6 => 128, _ => 0 };
            return (uint)Source.Length <= most && (uint)Destination.Length <= most &&
                (Source.Length == 0 || Of(Source.Address.IsIPv6) == Family) &&
                (Destination.Length == 0 || Of(Destination.Address.IsIPv6) == Family);
        }
    }

    internal static AddressFamily Of(bool isIPv6) => isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
}
