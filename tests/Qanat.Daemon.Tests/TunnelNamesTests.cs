using Qanat.Daemon.Control;
using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Tests;

public class TunnelNamesTests
{
    private static readonly HashSet<string> Taken = ["lo", "ipip0", "ipip2", "t0x"];

    [Theory]
    [InlineData("", "ipip1")]
    [InlineData("tun1", "tun1")]
    [InlineData("t%d", "t0")]
    [InlineData("t%dx", "t1x")]
    [InlineData("0123456789abcde", "0123456789abcde")]
    [InlineData("ipip", "ipip")]
    [InlineData("ünï", "ünï")]
    public void A_free_name_is_settled(string asked, string settled) =>
        Assert.Equal(settled, TunnelNames.Choose(asked, TunnelMode.Ipip, Taken));

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
        Assert.Equal(errno, Assert.Throws<LinuxException>(() => TunnelNames.Choose(asked, TunnelMode.Ipip, Taken)).Error);

    [Fact]
    public void A_pattern_that_has_no_free_name_left_is_refused()
    {
        var taken = Enumerable.Range(0, 100).Select(i => $"0123456789abc{i}").ToHashSet();
        string Choose() => TunnelNames.Choose("0123456789abc%d", TunnelMode.Ipip, taken);
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(Choose).Error);
        taken.Remove("0123456789abc99");
        Assert.Equal("0123456789abc99", Choose());
    }
}
