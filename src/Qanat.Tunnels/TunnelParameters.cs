using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>The modes of a tunnel. Each has a file of its own under Modes/.</summary>
public enum TunnelMode
{
    /// <summary>IPv4 in IPv4 (RFC 2003), protocol 4.</summary>
    Ipip,
}

/// <summary>What a user sets on a tunnel (the kernel's <c>struct ip_tunnel_parm</c>).</summary>
public sealed record TunnelParameters
{
    /// <summary>The mode, which never changes.</summary>
    public TunnelMode Mode { get; init; }

    /// <summary>Our end's address, or any.</summary>
    public IPv4Address Local { get; init; }

    /// <summary>The far end's address, or any: then the next hop of the inner route is the far end.</summary>
    public IPv4Address Remote { get; init; }

    /// <summary>TTL of the outer header; 0 copies the inner one.</summary>
    public byte Ttl { get; init; }

    /// <summary>TOS of the outer header; bit 0 set copies the inner one.</summary>
    public byte Tos { get; init; }

    /// <summary>Sets DF on every outer header. Without it, DF follows the inner packet.</summary>
    public bool PathMtuDiscovery { get; init; } = true;

    /// <summary>Index of the interface that outer packets are bound to; 0 for none.</summary>
    public int Link { get; init; }
}
