using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.NetworkInformation;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>
/// What a device knows about a neighbour on its link: an entry of the ARP or neighbour discovery table. What is read from the
/// kernel can be given back to it.
/// </summary>
/// <remarks>Source: linux/neighbour.h.</remarks>
public sealed record Neighbour : INetlinkParsable<Neighbour>
{
    private const NeighbourStates Valid = NeighbourStates.Permanent | NeighbourStates.NoArp | NeighbourStates.Reachable |
        NeighbourStates.Probe | NeighbourStates.Stale | NeighbourStates.Delay;

    /// <summary>Index of the device.</summary>
    public required int InterfaceIndex { get; init; }

    /// <summary>The neighbour's IPv4 or IPv6 address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Its link-layer address; null while it is unknown. On tunnels it is the outer address.</summary>
    public PhysicalAddress? LinkLayerAddress { get; init; }

    /// <summary>What is known about its reachability.</summary>
    public NeighbourStates State { get; init; } = NeighbourStates.Permanent;

    /// <summary>Its flags.</summary>
    public NeighbourFlags Flags { get; init; }

    /// <summary>True when packets can be sent to it without asking first (NUD_VALID).</summary>
    public bool IsValid => (State & Valid) != 0 && LinkLayerAddress is not null;

    /// <inheritdoc/>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out Neighbour? value)
    {
        value = null;
        if (message.Type is not (RTM_NEWNEIGH or RTM_DELNEIGH) || !message.TryRead(out ndmsg header, out var attributes))
            return false;

        IPAddress? address = null;
        PhysicalAddress? linkLayerAddress = null;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case NDA_DST: address = attribute.ReadAddress(); break;
                case NDA_LLADDR: linkLayerAddress = attribute.ReadLinkLayerAddress(); break;
            }
        }

        // A bridge's forwarding table comes as AF_BRIDGE in the same messages.
        if (address is null || address.AddressFamily != KernelFamily.From(header.ndm_family))
            return false;
        value = new Neighbour
        {
            InterfaceIndex = header.ndm_ifindex,
            Address = address,
            LinkLayerAddress = linkLayerAddress,
            State = (NeighbourStates)header.ndm_state,
            Flags = (NeighbourFlags)header.ndm_flags,
        };
        return true;
    }

    /// <summary>Writes the entry.</summary>
    internal void Write(ref NetlinkWriter request)
    {
        request.Append(new ndmsg
        {
            ndm_family = KernelFamily.Of(Address),
            ndm_ifindex = InterfaceIndex,
            ndm_state = (ushort)State,
            ndm_flags = (byte)Flags,
        });
        request.Add(NDA_DST, Address);
        if (LinkLayerAddress is not null)
            request.Add(NDA_LLADDR, LinkLayerAddress.GetAddressBytes());
    }
}

/// <summary>What is known about a neighbour's reachability (linux/neighbour.h, NUD_*; RFC 4861 section 7.3.2).</summary>
[Flags]
public enum NeighbourStates
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It has been asked for, and has not answered yet.</summary>
    Incomplete = 0x01,

    /// <summary>It has shown lately that it is there.</summary>
    Reachable = 0x02,

    /// <summary>It was there a while ago.</summary>
    Stale = 0x04,

    /// <summary>Stale, in use; it will be asked soon.</summary>
    Delay = 0x08,

    /// <summary>It is being asked.</summary>
    Probe = 0x10,

    /// <summary>It does not answer.</summary>
    Failed = 0x20,

    /// <summary>Needs no asking: the link has no address resolution.</summary>
    NoArp = 0x40,

    /// <summary>Set by hand, for good.</summary>
    Permanent = 0x80,
}

/// <summary>A neighbour entry's flags (linux/neighbour.h, NTF_*).</summary>
[Flags]
public enum NeighbourFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>Resolve it now.</summary>
    Use = 0x01,

    /// <summary>In the device's own table.</summary>
    Self = 0x02,

    /// <summary>In the table of the device's master.</summary>
    Master = 0x04,

    /// <summary>Answer for it.</summary>
    Proxy = 0x08,

    /// <summary>Learnt by a control plane.</summary>
    ExternallyLearned = 0x10,

    /// <summary>Hardware has it.</summary>
    Offloaded = 0x20,

    /// <summary>It does not move.</summary>
    Sticky = 0x40,

    /// <summary>IPv6: it is a router.</summary>
    Router = 0x80,
}
