using System.Net;

namespace Qanat.Cli.Doctor.Nftables;

/// <summary>The first packet of a tunnel in one direction, as far as rules look at it. What is null is not known.</summary>
/// <param name="Protocol">The outer header's protocol number.</param>
/// <param name="IsIPv6">Whether that header is IPv6's.</param>
internal sealed record OuterPacket(int Protocol, bool IsIPv6)
{
    /// <summary>The device that it comes in by; empty for packets of this host.</summary>
    public string? InputDevice { get; init; }

    /// <summary>The device that it leaves by; empty for packets to this host.</summary>
    public string? OutputDevice { get; init; }

    /// <summary>The outer source.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>The outer destination.</summary>
    public IPAddress? Destination { get; init; }
}
