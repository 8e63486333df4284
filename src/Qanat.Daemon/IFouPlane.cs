using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon;

/// <summary>The part of the data plane that receives foo over UDP. A data plane that can do so implements it as well.</summary>
public interface IFouPlane
{
    /// <summary>Opens the UDP port; from then on what arrives there goes to the tunnels.</summary>
    /// <exception cref="Qanat.Linux.LinuxException">
    /// EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH ...: the socket could not be opened; nothing is kept then.
    /// </exception>
    Task OpenAsync(FouPortParameters port);

    /// <summary>Closes it.</summary>
    Task CloseAsync(FouPortParameters port);
}

/// <summary>A UDP port that receives for tunnels (the kernel's <c>struct fou_cfg</c>).</summary>
/// <param name="Port">The port.</param>
/// <param name="Type">What follows the UDP header.</param>
/// <param name="Protocol">The protocol of what follows; 0 with GUE, whose header has it.</param>
/// <param name="Local">The address that it is bound to, or any of its family, which is the outer header's.</param>
/// <param name="Peer">The one address that it hears, or any.</param>
/// <param name="PeerPort">That peer's port; 0 with any peer.</param>
/// <param name="Link">Index of the device that it is bound to; 0 for none.</param>
public sealed record FouPortParameters(
    ushort Port, EncapType Type, byte Protocol, IpAddress Local, IpAddress Peer, ushort PeerPort = 0, int Link = 0)
{
    /// <summary>True when no two sockets can be bound to both: the same family and port, and addresses and devices that meet.</summary>
    public bool Collides(FouPortParameters other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Local.IsIPv6, Port) == (other.Local.IsIPv6, other.Port) &&
            (Local.IsAny || other.Local.IsAny || Local == other.Local) && (Link == 0 || other.Link == 0 || Link == other.Link);
    }
}
