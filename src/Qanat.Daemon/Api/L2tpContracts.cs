namespace Qanat.Daemon.Api;

/// <summary>
/// A static tunnel of L2TPv3 (RFC 3931): an element of <c>/v1/l2tp/tunnels</c>. Its sessions are tunnels of mode <c>l2tp</c>.
/// </summary>
public sealed record L2tpTunnel
{
    /// <summary>Our identifier of it, not 0.</summary>
    public required uint TunnelId { get; set; }

    /// <summary>The peer's identifier of it, not 0.</summary>
    public required uint PeerTunnelId { get; set; }

    /// <summary>What carries it: <c>udp</c>, or <c>ip</c> (protocol 115).</summary>
    public string Encap { get; set; } = "udp";

    /// <summary>Our address.</summary>
    public required string Local { get; set; }

    /// <summary>The peer's address, of the same family.</summary>
    public required string Remote { get; set; }

    /// <summary>Our UDP port; 0 over IP.</summary>
    public int SourcePort { get; set; }

    /// <summary>The peer's UDP port; 0 over IP.</summary>
    public int DestinationPort { get; set; }

    /// <summary>UDP over IPv4 has a checksum.</summary>
    public bool UdpChecksum { get; set; }

    /// <summary>UDP over IPv6 is sent with a checksum.</summary>
    public bool Udp6ChecksumTx { get; set; } = true;

    /// <summary>UDP over IPv6 must arrive with a checksum.</summary>
    public bool Udp6ChecksumRx { get; set; } = true;
}
