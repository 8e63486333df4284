using Qanat.WireGuard.Configuration;
using Xunit;

namespace Qanat.WireGuard.Tests.Configuration;

public class ConfigPathTests
{
    [Theory]
    [InlineData("wg0", "/etc/wireguard/wg0.conf", "wg0")]
    [InlineData("a_=+.-z", "/etc/wireguard/a_=+.-z.conf", "a_=+.-z")]
    [InlineData("wg0.conf", "/etc/wireguard/wg0.conf.conf", "wg0.conf")]
    [InlineData("./wg0.conf", "./wg0.conf", "wg0")]
    [InlineData("/tmp/x/fifteen-letters.conf", "/tmp/x/fifteen-letters.conf", "fifteen-letters")]
    public void A_name_or_a_path_stands_for_a_file_and_its_interface(string argument, string path, string name)
    {
        Assert.True(ConfigPath.TryResolve(argument, out var file, out var device));
        Assert.Equal((path, name), (file, device));
    }

    [Theory]
    [InlineData("")]
    [InlineData("wg 0")]
    [InlineData("wg0\n")]
    [InlineData("./wg0")]
    [InlineData("./.conf")]
    [InlineData("/tmp/wg0.conf/")]
    [InlineData("/tmp/sixteen-letters-.conf")]
    [InlineData("/tmp/a b.conf")]
    public void Other_words_stand_for_none(string argument)
    {
        Assert.False(ConfigPath.TryResolve(argument, out var path, out var name));
        Assert.Equal(("", ""), (path, name));
    }

    [Theory]
    [InlineData(384, 493, false)] // 0600 in 0755
    [InlineData(420, 493, true)] // 0644 in 0755
    [InlineData(420, 448, false)] // 0644 in 0700
    [InlineData(388, 493, true)] // 0604 in 0755
    [InlineData(416, 493, false)] // 0640 in 0755
    public void Files_that_anyone_may_read_are_known(int file, int folder, bool expected) =>
        Assert.Equal(expected, ConfigPath.IsWorldAccessible((UnixFileMode)file, (UnixFileMode)folder));
}
