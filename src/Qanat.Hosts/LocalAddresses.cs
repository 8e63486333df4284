using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>The addresses that are a host's own, and those of the groups it is in.</summary>
internal sealed class LocalAddresses
{
    private static readonly IPv4Address AllSystems = new(0xE000_0001);
    private static readonly UInt128 SolicitedNodePrefix = new(0xFF02_0000_0000_0000, 0x0000_0001_FF00_0000);

    private readonly IPv4Interface[] _ipv4;
    private readonly IPv6Address[] _ipv6;

    public LocalAddresses(HostOptions options)
    {
        _ipv4 = [.. options.IPv4];
        var linkLocal = options is { Link: HostLink.Ethernet, IPv6.Count: > 0 } ? new[] { LinkLocal(options.MacAddress) } : [];
        _ipv6 = [.. options.IPv6.Select(own => own.Address).Concat(linkLocal).Distinct()];
    }

    /// <summary>ff02::1, all nodes on the link.</summary>
    public static IPv6Address AllNodes { get; } = new(new UInt128(0xFF02_0000_0000_0000, 1));

    /// <summary>The link-local address made of an Ethernet address: fe80:: and the modified EUI-64 (RFC 4291, appendix A).</summary>
    public static IPv6Address LinkLocal(MacAddress mac)
    {
        const ulong universal = 0x0200_0000_0000_0000;
        var identifier = (mac.Value >> 24 << 40 | 0xFFFE_000000 | mac.Value & 0xFFFFFF) ^ universal;
        return new(new UInt128(0xFE80_0000_0000_0000, identifier));
    }

    /// <summary>The group in which the owner of an address is asked for (RFC 4291, 2.7.1).</summary>
    public static IPv6Address SolicitedNode(IPv6Address address) => new(SolicitedNodePrefix | address.Value & 0xFFFFFF);

    /// <summary>True for an address of the host's.</summary>
    public bool IsOwn(IPv4Address address)
    {
        foreach (var own in _ipv4)
            if (own.Address == address)
                return true;
        return false;
    }

    /// <summary>True for an address of the host's.</summary>
    public bool IsOwn(IPv6Address address)
    {
        foreach (var own in _ipv6)
            if (own == address)
                return true;
        return false;
    }

    /// <summary>True for 255.255.255.255, the broadcast addresses of the host's networks, and 224.0.0.1.</summary>
    public bool IsForMany(IPv4Address address)
    {
        if (address.IsLimitedBroadcast || address == AllSystems)
            return true;
        foreach (var own in _ipv4)
            if (own.Broadcast == address)
                return true;
        return false;
    }

    /// <summary>True for all nodes (interface-local and link-local) and the solicited-node groups of the host's addresses.</summary>
    public bool IsForMany(IPv6Address address)
    {
        if (address == AllNodes)
            return true;
        foreach (var own in _ipv6)
            if (SolicitedNode(own) == address)
                return true;
        return false;
    }

    /// <summary>
    /// The address to answer from when a group was asked: a link-local one for a link-local asker, else the first.
    /// </summary>
    public bool TryChooseSource(IPv6Address asker, out IPv6Address source)
    {
        source = default;
        foreach (var own in _ipv6)
            if (source.IsAny || own.IsLinkLocal == asker.IsLinkLocal && source.IsLinkLocal != asker.IsLinkLocal)
                source = own;
        return !source.IsAny;
    }
}
