using System.Net;
using System.Net.Sockets;

namespace Qanat.Linux.Netlink;

/// <summary>
/// A rule of policy routing: the packets that it is for, and the table that knows their way. What is read from the kernel can be
/// given back to it.
/// </summary>
/// <remarks>
/// The kernel asks the rules in the order of their priority, the smallest first. A rule that says nothing about packets is for all of
/// them. Source: linux/fib_rules.h; net/core/fib_rules.c, fib_nl_fill_rule.
/// </remarks>
public sealed partial record Rule : INetlinkParsable<Rule>
{
    /// <summary>IPv4 or IPv6: each has rules of its own.</summary>
    public AddressFamily Family { get; init; } = AddressFamily.InterNetwork;

    /// <summary>Its place. Null: just in front of the smallest that is not 0 when adding, any when deleting.</summary>
    public uint? Priority { get; init; }

    /// <summary>True when it is for the packets that do not fit what follows.</summary>
    public bool Invert { get; init; }

    /// <summary>The packets' source; null for any.</summary>
    public IPNetwork? From { get; init; }

    /// <summary>The packets' destination; null for any.</summary>
    public IPNetwork? To { get; init; }

    /// <summary>The packets' type of service or traffic class, the ECN bits clear; 0 for any.</summary>
    public byte Tos { get; init; }

    /// <summary>The packets' firewall mark; null for any.</summary>
    public RuleMark? Mark { get; init; }

    /// <summary>Name of the device that packets came in by, <c>lo</c> for those of this host; null for any.</summary>
    public string? InputInterface { get; init; }

    /// <summary>Name of the device that the sending socket is bound to; null for any.</summary>
    public string? OutputInterface { get; init; }

    /// <summary>The packets' protocol, as in the IP header: 6 for TCP; 0 for any.</summary>
    public byte IpProtocol { get; init; }

    /// <summary>The packets' source port; null for any.</summary>
    public PortRange? SourcePorts { get; init; }

    /// <summary>The packets' destination port; null for any.</summary>
    public PortRange? DestinationPorts { get; init; }

    /// <summary>Who sends the packets; null for anybody.</summary>
    public UserRange? Users { get; init; }

    /// <summary>True when it is for packets of devices in a VRF, which it looks up in the VRF's table.</summary>
    public bool L3MasterDevice { get; init; }

    /// <summary>What it does.</summary>
    public RuleAction Action { get; init; } = RuleAction.Lookup;

    /// <summary>The table of <see cref="RuleAction.Lookup"/>; unspecified with <see cref="L3MasterDevice"/>.</summary>
    public RouteTableId Table { get; init; } = RouteTableId.Main;

    /// <summary>The priority that <see cref="RuleAction.Goto"/> goes on with, greater than its own.</summary>
    public uint Target { get; init; }

    /// <summary>Routes with a prefix of so many bits or fewer do not count: 0 leaves the default route out; null for none.</summary>
    public int? SuppressPrefixLength { get; init; }

    /// <summary>Routes by devices of this group do not count; null for none.</summary>
    public int? SuppressGroup { get; init; }

    /// <summary>Who put it there; unspecified for nobody who says so, and when deleting for anybody.</summary>
    public RouteProtocol Protocol { get; init; }
}
