using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Fcntl;

namespace Qanat.Linux.Privileges;

/// <summary>What a machine or a container lacks for tunnels to work.</summary>
public static class Preflight
{
    private const string TunDevice = "/dev/net/tun";

    /// <summary>
    /// Everything that is missing, one line each that says how to get it; empty when tunnels can be made. Nothing is changed.
    /// </summary>
    public static IReadOnlyList<string> Missing()
    {
        List<string> missing = [];
        if (DescribeTun(OpenTun()) is { } tun)
            missing.Add(tun);
        var effective = Capabilities.Effective;
        if (!effective.Has(Capability.NetAdmin))
            missing.Add(Describe("CAP_NET_ADMIN"));
        if (!effective.Has(Capability.NetRaw))
            missing.Add(Describe("CAP_NET_RAW"));
        return missing;
    }

    private static int OpenTun()
    {
        var descriptor = open(TunDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
        if (descriptor < 0)
            return Marshal.GetLastSystemError();
        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        return 0;
    }

    private static string? DescribeTun(int error) => error switch
    {
        0 => null,
        Errno.ENOENT =>
            $"{TunDevice} is missing: run `modprobe tun`, or `mkdir -p /dev/net; mknod {TunDevice} c 10 200`; " +
            $"for a container, `--device {TunDevice}`.",
        Errno.ENODEV or Errno.ENXIO =>
            $"{TunDevice} is there, but the kernel has no TUN driver: run `modprobe tun`.",
        Errno.EPERM =>
            $"{TunDevice} is not permitted by the device cgroup: start the container with `--device {TunDevice}`.",
        Errno.EACCES =>
            $"{TunDevice} may not be opened by this user: run as root, or `chmod 666 {TunDevice}`.",
        _ => $"{TunDevice} cannot be opened: {Errno.Text(error)}.",
    };

    private static string Describe(string capability) =>
        $"{capability} is missing: run as root, or `setcap cap_net_admin,cap_net_raw+ep` the program; " +
        $"for a container, `--cap-add {capability["CAP_".Length..]}`.";
}
