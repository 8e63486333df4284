using Qanat.Linux.Netlink;

namespace Qanat.Daemon.Devices;

/// <summary>How large the super-packets are that the kernel hands over.</summary>
internal static class SuperPackets
{
    /// <summary>
    /// Bytes of one at most. Once each of its segments has a tunnel's headers it is still within the 65,507 bytes of one UDP message,
    /// for all but the smallest segments; one of the usual 64 KiB would leave as a long message and a short one, at almost twice the cost.
    /// </summary>
    public const int MaxSize = 62_000;

    /// <summary>Keeps a device's super-packets within <see cref="MaxSize"/>.</summary>
    /// <exception cref="Linux.LinuxException">The kernel refused.</exception>
    public static void Limit(Links links, int device) => links.SetGsoMaxSize(device, MaxSize);
}
