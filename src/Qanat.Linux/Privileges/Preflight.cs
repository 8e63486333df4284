using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Netlink;
using static Qanat.Linux.Interop.In;
using static Qanat.Linux.Interop.Rtnetlink;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Privileges;

/// <summary>Whether a capability counts in a network namespace.</summary>
public enum Grant
{
    /// <summary>The kernel lets the calling thread do what the capability is for.</summary>
    Granted,

    /// <summary>The thread does not have the capability.</summary>
    Missing,

    /// <summary>
    /// The thread has it, and the kernel refuses all the same: the network namespace belongs to another user namespace (or a
    /// security module objects).
    /// </summary>
    NotHere,
}

/// <summary>What a machine or a container lacks for tunnels to work.</summary>
public static class Preflight
{
    /// <summary>
    /// Everything that is missing, one line each that says how to get it; empty when tunnels can be made. Nothing is changed.
    /// </summary>
    public static IReadOnlyList<string> Missing()
    {
        List<string> missing = [];
        if (DescribeTun(DeviceNode.Read().OpenError) is { } tun)
            missing.Add(tun);
        if (Describe("CAP_NET_ADMIN", Ask(Capability.NetAdmin)) is { } admin)
            missing.Add(admin);
        if (Describe("CAP_NET_RAW", Ask(Capability.NetRaw)) is { } raw)
            missing.Add(raw);
        return missing;
    }

    /// <summary>
    /// Asks the kernel whether a capability counts in the network namespace of the calling thread, by trying something that
    /// needs it and has no effect.
    /// </summary>
    /// <param name="capability"><see cref="Capability.NetAdmin"/> or <see cref="Capability.NetRaw"/>; others are looked up alone.</param>
    /// <exception cref="LinuxException">The kernel does not tell the capabilities, or has no netlink.</exception>
    public static Grant Ask(Capability capability)
    {
        var error = capability switch
        {
            Capability.NetAdmin => TryChangeNothing(),
            Capability.NetRaw => TryRawSocket(),
            _ => 0,
        };
        return !Capabilities.Effective.Has(capability) ? Grant.Missing
            : error is Errno.EPERM or Errno.EACCES ? Grant.NotHere
            : Grant.Granted;
    }

    // rtnetlink looks at rights before it looks for the device: EPERM, or ENODEV since no device has this index.
    private static int TryChangeNothing()
    {
        using var netlink = new NetlinkSocket();
        var request = new NetlinkWriter(stackalloc byte[64], RTM_SETLINK);
        request.Append(new ifinfomsg { ifi_index = int.MaxValue });
        _ = netlink.TryGet<Link>(request, out _, out var ack);
        return ack.Error;
    }

    // A socket of protocol 255 receives nothing.
    private static int TryRawSocket()
    {
        var descriptor = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
        if (descriptor < 0)
            return Marshal.GetLastSystemError();
        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        return 0;
    }

    private static string? DescribeTun(int error) => error switch
    {
        0 => null,
        Errno.ENOENT =>
            $"{DeviceNode.TunPath} is missing: run `modprobe tun`, or `mkdir -p /dev/net; mknod {DeviceNode.TunPath} c 10 200`; " +
            $"for a container, `--device {DeviceNode.TunPath}`.",
        Errno.ENODEV or Errno.ENXIO =>
            $"{DeviceNode.TunPath} is there, but the kernel has no TUN driver: run `modprobe tun`.",
        Errno.EPERM =>
            $"{DeviceNode.TunPath} is not permitted by the device cgroup: start the container with `--device {DeviceNode.TunPath}`.",
        Errno.EACCES =>
            $"{DeviceNode.TunPath} may not be opened by this user: run as root, or `chmod 666 {DeviceNode.TunPath}`.",
        _ => $"{DeviceNode.TunPath} cannot be opened: {Errno.Text(error)}.",
    };

    private static string? Describe(string capability, Grant grant) => grant switch
    {
        Grant.Missing =>
            $"{capability} is missing: run as root, or `setcap cap_net_admin,cap_net_raw+ep` the program; " +
            $"for a container, `--cap-add {capability["CAP_".Length..]}`.",
        Grant.NotHere =>
            $"{capability} counts for nothing here, for this network namespace belongs to another user namespace: " +
            "run in that one, or in a network namespace of one's own, `unshare --user --map-root-user --net`.",
        _ => null,
    };
}
