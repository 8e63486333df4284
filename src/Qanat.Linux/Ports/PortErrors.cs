using static Qanat.Linux.Errno;

namespace Qanat.Linux.Ports;

/// <summary>
/// Packets that a port could not pass, by what the kernel said. Written by the port's worker, and readable from any thread.
/// </summary>
public sealed class PortErrors
{
    /// <summary>No room in a queue, or no memory (EAGAIN, ENOBUFS, ENOMEM).</summary>
    public long NoBuffer { get; private set; }

    /// <summary>Larger than the link's MTU, or than the port can carry (EMSGSIZE, E2BIG).</summary>
    public long TooLong { get; private set; }

    /// <summary>No way there (ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, ENODEV).</summary>
    public long Unreachable { get; private set; }

    /// <summary>Not allowed: a firewall, or a broadcast address (EPERM, EACCES).</summary>
    public long Forbidden { get; private set; }

    /// <summary>The device is down (EIO from a TUN or TAP, ENETDOWN from a socket).</summary>
    public long Down { get; private set; }

    /// <summary>
    /// Not a packet, or with offload facts that the kernel does not believe or this port cannot carry (EINVAL).
    /// </summary>
    public long Invalid { get; private set; }

    /// <summary>Anything else; <see cref="Last"/> has its number.</summary>
    public long Other { get; private set; }

    /// <summary>Received packets that did not fit, or came with facts that make no sense; they were dropped.</summary>
    public long Malformed { get; private set; }

    /// <summary>The newest error number, 0 when there was none.</summary>
    public int Last { get; private set; }

    /// <summary>All packets that were to be sent and were not.</summary>
    public long Refused => NoBuffer + TooLong + Unreachable + Forbidden + Down + Invalid + Other;

    /// <summary>Counts packets that were to be sent.</summary>
    internal void CountRefused(int errno, int packets = 1)
    {
        Last = errno;
        switch (errno)
        {
            case EAGAIN or ENOBUFS or ENOMEM: NoBuffer += packets; break;
            case EMSGSIZE or E2BIG: TooLong += packets; break;
            case ENETUNREACH or EHOSTUNREACH or EADDRNOTAVAIL or ENODEV: Unreachable += packets; break;
            case EPERM or EACCES: Forbidden += packets; break;
            case EIO or ENETDOWN: Down += packets; break;
            case EINVAL: Invalid += packets; break;
            default: Other += packets; break;
        }
    }

    /// <summary>Counts a packet that was received and dropped.</summary>
    internal void CountMalformed() => Malformed++;
}
