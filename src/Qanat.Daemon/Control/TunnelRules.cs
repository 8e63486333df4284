using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>
/// Which tunnels may be, by the kernel's rules (net/ipv4/ip_tunnel.c: ip_tunnel_ctl). Where the kernel has a fallback
/// device that takes what no other tunnel takes (tunl0), its name and its key are reserved here as well.
/// </summary>
internal static class TunnelRules
{
    /// <summary>True for the name of the mode's fallback device.</summary>
    public static bool IsFallback(TunnelMode mode, string name) => mode == TunnelMode.Ipip && name == "tunl0";

    /// <summary>Checks a tunnel that is to be made.</summary>
    /// <exception cref="LinuxException">EEXIST: the same tunnel exists. EINVAL: a multicast remote without a local address.</exception>
    public static void CheckAdd(TunnelParameters wanted, IEnumerable<TunnelParameters> others, IDataPlane plane)
    {
        CheckMulticast("add tunnel", wanted);
        CheckUnique("add tunnel", wanted, others, plane);
    }

    /// <summary>Checks new parameters for a tunnel that exists.</summary>
    /// <exception cref="LinuxException">
    /// EEXIST: another tunnel has these. EINVAL: another mode, or a point-to-point tunnel would turn into one that is not, or the reverse.
    /// </exception>
    public static void CheckChange(
        TunnelParameters current, TunnelParameters wanted, IEnumerable<TunnelParameters> others, IDataPlane plane)
    {
        if (wanted.Mode != current.Mode)
            throw new LinuxException("change tunnel", Errno.EINVAL, "a tunnel's mode cannot be changed");
        CheckMulticast("change tunnel", wanted);
        CheckUnique("change tunnel", wanted, others, plane);
        if (!plane.Conflicts(current, wanted) && (Broadcast(wanted) || current.Remote.IsAny != wanted.Remote.IsAny))
            throw new LinuxException("change tunnel", Errno.EINVAL, "a remote address cannot become any or multicast, nor any an address");
    }

    // The device's IFF_POINTOPOINT follows the first remote, and a change must not alter it; IFF_BROADCAST it never has.
    private static bool Broadcast(TunnelParameters parameters) => parameters.Remote.IsMulticast;

    private static void CheckMulticast(string operation, TunnelParameters wanted)
    {
        if (wanted.Remote.IsMulticast && wanted.Local.IsAny)
            throw new LinuxException(operation, Errno.EINVAL, "a broadcast tunnel requires a source address");
    }

    private static void CheckUnique(
        string operation, TunnelParameters wanted, IEnumerable<TunnelParameters> others, IDataPlane plane)
    {
        if (plane.Conflicts(wanted, new TunnelParameters { Mode = wanted.Mode }))
            throw new LinuxException(operation, Errno.EEXIST, "local and remote cannot both be any without a device");
        if (others.Any(other => plane.Conflicts(wanted, other)))
            throw new LinuxException(operation, Errno.EEXIST, "a tunnel with the same local, remote and device exists");
    }
}
