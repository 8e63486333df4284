using Qanat.Linux.Devices;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Devices;

/// <summary>A device that cannot be opened says which thing is missing.</summary>
public sealed class TunDeviceErrorTests : IDisposable
{
    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_missing_node_is_named_with_the_way_to_make_it()
    {
        var failure = Failure("q0", new() { Node = "/dev/net/no-such-node" });
        Assert.Equal(Errno.ENOENT, failure.Error);
        Assert.Contains("open /dev/net/no-such-node: No such file or directory", failure.Message, StringComparison.Ordinal);
        Assert.Contains("mknod", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_may_not_be_opened_is_named()
    {
        var failure = Failure("q0", before: () => _ = Testbed.setfsuid(65534));
        Assert.Equal(Errno.EACCES, failure.Error);
        Assert.Contains("device node", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_capability_is_named()
    {
        var failure = Failure("q0", before: Testbed.DropCapabilities);
        Assert.Equal(Errno.EPERM, failure.Error);
        Assert.Equal(
            "create q0: Operation not permitted (EPERM): CAP_NET_ADMIN is missing; run as root, or have root make a device that you own",
            failure.Message);
    }

    [Fact]
    public void Another_users_device_is_said_to_be_so()
    {
        _host.Do("ip tuntap add q0 mode tun user 1000");
        var failure = Failure("q0", before: Testbed.DropCapabilities);
        Assert.Equal(Errno.EPERM, failure.Error);
        Assert.Contains("belongs to another user", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_someone_holds_is_busy()
    {
        using var holder = _host.Enter(() => TunDevice.Open("q0"));
        var failure = Failure("q0");
        Assert.Equal(Errno.EBUSY, failure.Error);
        Assert.Equal(
            "attach to q0: Device or resource busy (EBUSY): another program holds it; `qanat -d tuntap show` names it", failure.Message);
    }

    [Fact]
    public void A_device_that_exists_cannot_be_created()
    {
        _host.Do("ip tuntap add q0 mode tun");
        var failure = Failure("q0", new() { Open = TunOpenMode.Create });
        Assert.Equal(Errno.EBUSY, failure.Error);
        Assert.Contains("it exists", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_is_missing_cannot_be_attached_to()
    {
        Assert.Equal(Errno.ENODEV, Failure("q0", new() { Open = TunOpenMode.Attach }).Error);
        Assert.False(_host.Run("ip link show q0").Succeeded);
    }

    [Theory]
    [InlineData("ip tuntap add q0 mode tap")]
    [InlineData("ip tuntap add q0 mode tun multi_queue")]
    [InlineData("ip link add q0 type veth peer name q1")]
    public void A_device_with_other_flags_does_not_fit(string made)
    {
        _host.Do(made);
        var failure = Failure("q0");
        Assert.Equal(Errno.EINVAL, failure.Error);
        Assert.Contains("other flags", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_sixteen_bytes_is_too_long() =>
        Assert.Throws<ArgumentException>(() => TunDevice.Open("sixteen-bytes-ab"));

    private LinuxException Failure(string name, TunOptions? options = null, Action? before = null) =>
        Assert.Throws<LinuxException>(() => _host.Enter(() =>
        {
            before?.Invoke();
            using var device = TunDevice.Open(name, options);
        }));
}
