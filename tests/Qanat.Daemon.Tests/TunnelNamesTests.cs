using Qanat.Daemon.Control;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Tests;

public sealed class TunnelNamesTests : IDisposable
{
    private readonly FakeDevices _devices = new();

    public TunnelNamesTests()
    {
        foreach (var name in (string[])["ipip0", "ipip2", "t0x"])
            _devices.AddForeign(name);
    }

    public void Dispose() => _devices.Dispose();

    [Theory]
    [InlineData("", "ipip1")]
    [InlineData("tun1", "tun1")]
    [InlineData("t%d", "t0")]
    [InlineData("t%dx", "t1x")]
    [InlineData("0123456789abcde", "0123456789abcde")]
    [InlineData("ipip", "ipip")]
    [InlineData("ünï", "ünï")]
    public void A_free_name_is_settled(string asked, string settled) =>
        Assert.Equal(settled, new TunnelNames(_devices).Choose(asked, TunnelMode.Ipip));

    [Theory]
    [InlineData(".", Errno.E2BIG)] // as recorded: ip tunnel add . answers "Argument list too long"
    [InlineData("..", Errno.E2BIG)]
    [InlineData("a/b", Errno.E2BIG)]
    [InlineData("a:b", Errno.E2BIG)]
    [InlineData("a b", Errno.E2BIG)]
    [InlineData("a\tb", Errno.E2BIG)]
    [InlineData("a\0b", Errno.E2BIG)]
    [InlineData("a\u00a0b", Errno.E2BIG)]
    [InlineData("0123456789abcdef", Errno.E2BIG)]
    [InlineData("üüüüüüüü", Errno.E2BIG)] // 8 characters, 16 bytes
    [InlineData("lo", Errno.EEXIST)]
    [InlineData("tunl0", Errno.EEXIST)] // the fallback device's
    [InlineData("t%", Errno.EINVAL)]
    [InlineData("t%s", Errno.EINVAL)]
    [InlineData("t%d%d", Errno.EINVAL)]
    [InlineData("%t%d", Errno.EINVAL)]
    public void A_bad_name_has_the_kernels_error(string asked, int errno) =>
        Assert.Equal(errno, Assert.Throws<LinuxException>(() => new TunnelNames(_devices).Choose(asked, TunnelMode.Ipip)).Error);

    [Fact]
    public void A_pattern_that_has_no_free_name_left_is_refused()
    {
        var last = 0;
        for (var i = 0; i < 100; i++)
            last = _devices.AddForeign($"0123456789abc{i}").Index;
        string Choose() => new TunnelNames(_devices).Choose("0123456789abc%d", TunnelMode.Ipip);
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(Choose).Error);
        _devices.Remove(last);
        Assert.Equal("0123456789abc99", Choose());
    }

    [Theory]
    [InlineData(TunnelMode.Ipip, "ipip1")]
    [InlineData(TunnelMode.Gre, "gre1")] // the first number is the fallback device's
    [InlineData(TunnelMode.Gretap, "gretap1")]
    [InlineData(TunnelMode.Sit, "sit1")]
    [InlineData(TunnelMode.Isatap, "sit1")]
    [InlineData(TunnelMode.Vti, "vti0")]
    [InlineData(TunnelMode.Ip6ip6, "ip6tnl1")]
    [InlineData(TunnelMode.Ip6gre, "ip6gre1")]
    [InlineData(TunnelMode.Ip6gretap, "ip6gretap0")]
    [InlineData(TunnelMode.Vti6, "ip6_vti1")]
    [InlineData(TunnelMode.Vxlan, "vxlan0")]
    [InlineData(TunnelMode.L2tp, "l2tpeth0")]
    public void An_unnamed_tunnel_is_called_as_the_kernel_calls_its_own(TunnelMode mode, string name) =>
        Assert.Equal(name, new TunnelNames(_devices).Choose("", mode));

    [Theory]
    [InlineData(TunnelMode.Gre, "lo", Errno.EEXIST)]
    [InlineData(TunnelMode.Gre, ".", Errno.E2BIG)]
    [InlineData(TunnelMode.Sit, "lo", Errno.ENOBUFS)] // whatever keeps sit from making a device
    [InlineData(TunnelMode.Sit, ".", Errno.ENOBUFS)]
    [InlineData(TunnelMode.Sit, "sit0", Errno.ENOBUFS)]
    [InlineData(TunnelMode.Ip6gre, "lo", Errno.ENOBUFS)]
    [InlineData(TunnelMode.Vti6, ".", Errno.ENOBUFS)]
    [InlineData(TunnelMode.Ip6ip6, ".", Errno.E2BIG)]
    public void A_refused_name_has_the_modes_own_error(TunnelMode mode, string name, int errno) =>
        Assert.Equal(errno, Assert.Throws<LinuxException>(() => new TunnelNames(_devices).Choose(name, mode)).Error);

    [Fact]
    public void Tunnels_that_are_added_together_get_names_of_their_own()
    {
        var names = new TunnelNames(_devices);
        string[] asked = ["", "", "t"];
        Assert.Equal(["ipip1", "ipip3", "t"], asked.Select(name => names.Choose(name, TunnelMode.Ipip)));
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => names.Choose("t", TunnelMode.Ipip)).Error);
    }

    [Fact]
    public void The_name_of_a_device_that_is_about_to_go_is_free()
    {
        var names = new TunnelNames(_devices);
        names.Free("ipip0");
        Assert.Equal(["ipip0", "ipip1"], [names.Choose("ipip0", TunnelMode.Ipip), names.Choose("", TunnelMode.Ipip)]);
    }
}
