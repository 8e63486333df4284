using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Qanat.Linux.Privileges;

namespace Qanat.Linux.Tests.Privileges;

/// <summary>Each test has a thread of its own, whose capabilities and mounts it may spoil.</summary>
public partial class PreflightTests
{
    [Fact]
    public void Root_lacks_nothing()
    {
        Assert.True(Capabilities.Effective.Has(Capability.NetAdmin), "The tests need CAP_NET_ADMIN: run them as root.");
        Assert.True(Capabilities.Effective.Has(Capability.NetRaw), "The tests need CAP_NET_RAW: run them as root.");
        Assert.True(Capabilities.Effective.Has(Capability.SysAdmin), "The tests need CAP_SYS_ADMIN: run them as root.");
        Assert.Empty(Preflight.Missing());
        Assert.Equal(Grant.Granted, Preflight.Ask(Capability.NetAdmin));
        Assert.Equal(Grant.Granted, Preflight.Ask(Capability.NetRaw));
        Assert.Equal(Grant.Granted, Preflight.Ask(Capability.SysAdmin));
        var status = File.ReadLines("/proc/thread-self/status").Single(line => line.StartsWith("CapEff:", StringComparison.Ordinal));
        Assert.Equal(status["CapEff:".Length..].Trim(), Capabilities.Effective.Bits.ToString("x16", null));
    }

    [Fact]
    public void Capabilities_that_are_missing_are_named_each() => OnThreadOfItsOwn(() =>
    {
        DropCapabilities();
        Assert.Equal(default, Capabilities.Effective);
        Assert.Equal(Grant.Missing, Preflight.Ask(Capability.NetAdmin));
        Assert.Equal(Grant.Missing, Preflight.Ask(Capability.NetRaw));
        Assert.Equal(
        [
            "CAP_NET_ADMIN is missing: run as root, or `setcap cap_net_admin,cap_net_raw+ep` the program; " +
                "for a container, `--cap-add NET_ADMIN`.",
            "CAP_NET_RAW is missing: run as root, or `setcap cap_net_admin,cap_net_raw+ep` the program; " +
                "for a container, `--cap-add NET_RAW`.",
        ], Preflight.Missing());
    });

    [Fact]
    public void A_missing_device_node_is_told_of_together_with_the_rest() => OnThreadOfItsOwn(() =>
    {
        CoverDevices(flags: 0);
        Assert.Equal(
            "/dev/net/tun is missing: run `modprobe tun`, or `mkdir -p /dev/net; mknod /dev/net/tun c 10 200`; " +
                "for a container, `--device /dev/net/tun`.",
            Assert.Single(Preflight.Missing()));
        DropCapabilities();
        Assert.Equal(3, Preflight.Missing().Count);
    });

    [Fact]
    public void A_device_node_without_a_driver_is_told_of() => OnThreadOfItsOwn(() =>
    {
        CoverDevices(flags: 0);
        MakeNode(major: 240);
        var missing = Assert.Single(Preflight.Missing());
        Assert.StartsWith("/dev/net/tun is there, but the kernel has no TUN driver", missing, StringComparison.Ordinal);
    });

    [Fact]
    public void A_device_node_that_may_not_be_opened_is_told_of() => OnThreadOfItsOwn(() =>
    {
        CoverDevices(MS_NODEV);
        MakeNode(major: 10);
        Assert.StartsWith("/dev/net/tun may not be opened by this user", Assert.Single(Preflight.Missing()), StringComparison.Ordinal);
    });

    [Fact]
    public void A_device_node_is_told_by_what_it_is_and_how_it_opens() => OnThreadOfItsOwn(() =>
    {
        Assert.True(DeviceNode.Read() is { StatError: 0, OpenError: 0, IsTun: true });
        CoverDevices(flags: 0);
        Assert.True(DeviceNode.Read() is { StatError: Errno.ENOENT, OpenError: Errno.ENOENT });
        MakeNode(major: 240);
        Assert.True(DeviceNode.Read() is
            { StatError: 0, IsCharacterDevice: true, Major: 240, Minor: 200, IsTun: false, OpenError: Errno.ENXIO });
        Assert.True(DeviceNode.Read("/proc/self/status") is { IsCharacterDevice: false, IsTun: false, Mode: 0b100_100_100 });
    });

    private const int CLONE_NEWNS = 0x20000;
    private const nuint MS_NODEV = 4, MS_REC = 0x4000, MS_PRIVATE = 0x40000;
    private const uint S_IFCHR = 0x2000;

    private static void OnThreadOfItsOwn(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static unsafe void DropCapabilities()
    {
        var header = stackalloc uint[] { 0x20080522, 0 };
        var none = stackalloc uint[6];
        Assert.Equal(0, capset(header, none));
    }

    // An empty folder over /dev/net, which this thread alone sees.
    private static void CoverDevices(nuint flags)
    {
        Assert.Equal(0, unshare(CLONE_NEWNS));
        Assert.Equal(0, mount("none", "/", "none", MS_REC | MS_PRIVATE, 0));
        Assert.Equal(0, mount("none", "/dev/net", "tmpfs", flags, 0));
    }

    private static void MakeNode(ulong major) => Assert.Equal(0, mknod("/dev/net/tun", S_IFCHR | 0x1B6, major << 8 | 200));

    [LibraryImport("libc")]
    private static unsafe partial int capset(uint* header, uint* data);

    [LibraryImport("libc")]
    private static partial int unshare(int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, nint data);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mknod(string path, uint mode, ulong device);
}
