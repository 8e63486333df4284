using System.Diagnostics.CodeAnalysis;
using System.Net;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>An IPv4 or IPv6 address of a network device. What is read from the kernel can be given back to it.</summary>
/// <remarks>Source: linux/if_addr.h.</remarks>
public sealed record InterfaceAddress : INetlinkParsable<InterfaceAddress>
{
    /// <summary>Index of the device.</summary>
    public required int InterfaceIndex { get; init; }

    /// <summary>The address itself.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Bits of the network that it is in, or of the peer's when there is one.</summary>
    public required byte PrefixLength { get; init; }

    /// <summary>The address at the far end of a point-to-point device; null when there is none.</summary>
    public IPAddress? Peer { get; init; }

    /// <summary>The network's broadcast address; null when there is none.</summary>
    public IPAddress? Broadcast { get; init; }

    /// <summary>The old name for a further IPv4 address, such as <c>eth0:1</c>; the device's name, or null.</summary>
    public string? Label { get; init; }

    /// <summary>How far it is known.</summary>
    public RouteScope Scope { get; init; }

    /// <summary>Its flags.</summary>
    public AddressFlags Flags { get; init; }

    /// <summary>How long it is still to be there; null for ever. In whole seconds.</summary>
    public TimeSpan? ValidLifetime { get; init; }

    /// <summary>How long it is still to be chosen for new connections; null for ever. In whole seconds.</summary>
    public TimeSpan? PreferredLifetime { get; init; }

    /// <summary>The metric of the route to its network; 0 for the usual one.</summary>
    public uint RouteMetric { get; init; }

    /// <inheritdoc/>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out InterfaceAddress? value)
    {
        value = null;
        if (message.Type is not (RTM_NEWADDR or RTM_DELADDR) || !message.TryRead(out ifaddrmsg header, out var attributes))
            return false;

        IPAddress? local = null, prefix = null, broadcast = null;
        string? label = null;
        uint flags = header.ifa_flags, metric = 0;
        var lifetimes = new ifa_cacheinfo { ifa_prefered = INFINITY_LIFE_TIME, ifa_valid = INFINITY_LIFE_TIME };
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case IFA_LOCAL: local = attribute.ReadAddress(); break;
                case IFA_ADDRESS: prefix = attribute.ReadAddress(); break;
                case IFA_BROADCAST: broadcast = attribute.ReadAddress(); break;
                case IFA_LABEL: label = attribute.ReadText(); break;
                case IFA_FLAGS: flags = attribute.Read<uint>(); break;
                case IFA_RT_PRIORITY: metric = attribute.Read<uint>(); break;
                case IFA_CACHEINFO: lifetimes = attribute.Read<ifa_cacheinfo>(); break;
            }
        }

        // IFA_ADDRESS is the peer's when IFA_LOCAL differs. IPv6 leaves IFA_LOCAL out when there is no peer.
        var address = local ?? prefix;
        if (address is null || address.AddressFamily != KernelFamily.From(header.ifa_family))
            return false;
        value = new InterfaceAddress
        {
            InterfaceIndex = header.ifa_index,
            Address = address,
            PrefixLength = header.ifa_prefixlen,
            Peer = address.Equals(prefix) ? null : prefix,
            Broadcast = broadcast,
            Label = label,
            Scope = (RouteScope)header.ifa_scope,
            Flags = (AddressFlags)flags,
            ValidLifetime = Lifetime(lifetimes.ifa_valid),
            PreferredLifetime = Lifetime(lifetimes.ifa_prefered),
            RouteMetric = metric,
        };
        return true;
    }

    /// <summary>Writes everything that the kernel lets one choose.</summary>
    internal void Write(ref NetlinkWriter request)
    {
        request.Append(new ifaddrmsg
        {
            ifa_family = KernelFamily.Of(Address),
            ifa_prefixlen = PrefixLength,
            ifa_scope = (byte)Scope,
            ifa_index = InterfaceIndex,
        });
        request.Add(IFA_LOCAL, Address);
        request.Add(IFA_ADDRESS, Peer ?? Address);
        if (Broadcast is not null)
            request.Add(IFA_BROADCAST, Broadcast);
        if (Label is not null)
            request.Add(IFA_LABEL, Label);
        if (Flags != AddressFlags.None)
            request.Add(IFA_FLAGS, (uint)Flags);
        if (RouteMetric != 0)
            request.Add(IFA_RT_PRIORITY, RouteMetric);
        if (ValidLifetime is not null || PreferredLifetime is not null)
            request.Add(IFA_CACHEINFO, new ifa_cacheinfo { ifa_valid = Seconds(ValidLifetime), ifa_prefered = Seconds(PreferredLifetime) });
    }

    private static TimeSpan? Lifetime(uint seconds) => seconds == INFINITY_LIFE_TIME ? null : TimeSpan.FromSeconds(seconds);

    private static uint Seconds(TimeSpan? lifetime) => lifetime is null ? INFINITY_LIFE_TIME : (uint)lifetime.Value.TotalSeconds;
}

/// <summary>An address that the kernel refused, one of many.</summary>
/// <param name="Address">The address.</param>
/// <param name="Reason">Why.</param>
public sealed record AddressRefusal(InterfaceAddress Address, LinuxException Reason);

/// <summary>An address's flags (linux/if_addr.h, IFA_F_*).</summary>
[Flags]
public enum AddressFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>IPv4: a further address of the same network. IPv6: temporary.</summary>
    Secondary = 0x01,

    /// <summary>IPv6: no duplicate address detection.</summary>
    NoDuplicateDetection = 0x02,

    /// <summary>IPv6: usable while duplicates are being looked for.</summary>
    Optimistic = 0x04,

    /// <summary>IPv6: somebody else has it.</summary>
    DuplicateDetected = 0x08,

    /// <summary>IPv6: a mobile node's home address.</summary>
    HomeAddress = 0x10,

    /// <summary>Not to be chosen for new connections.</summary>
    Deprecated = 0x20,

    /// <summary>IPv6: duplicates are being looked for; not usable yet.</summary>
    Tentative = 0x40,

    /// <summary>It has no lifetime.</summary>
    Permanent = 0x80,

    /// <summary>IPv6: the kernel makes temporary addresses from it.</summary>
    ManageTemporaryAddress = 0x100,

    /// <summary>No route to its network is added.</summary>
    NoPrefixRoute = 0x200,

    /// <summary>Multicast: join the group.</summary>
    MulticastAutoJoin = 0x400,

    /// <summary>IPv6: made as RFC 7217 says.</summary>
    StablePrivacy = 0x800,
}
