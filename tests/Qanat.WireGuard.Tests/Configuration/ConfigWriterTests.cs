using Qanat.Testing;
using Qanat.WireGuard.Configuration;
using Xunit;

namespace Qanat.WireGuard.Tests.Configuration;

public class ConfigWriterTests
{
    [Fact]
    public void A_file_is_saved_as_wg_quick_saves_it()
    {
        var config = ConfigReader.Read(File.ReadAllBytes(PathOf("saved.conf"))).Config!;
        var saved = Texts.Written(output => ConfigWriter.Write(output, config, config.Device));
        Assert.Equal(File.ReadAllText(PathOf("saved.saved")), saved);
    }

    [Fact]
    public void What_was_saved_says_the_same_again()
    {
        var first = Texts.Read("""
            [Interface]
            Address = 10.9.0.2
            DNS = 10.9.0.1, fd00::53, corp.example, lab.example
            PostUp = echo "#" > /tmp/%i # comment
            PostUp = two = 2
            """).Config!;
        var text = Texts.Written(output => ConfigWriter.Write(output, first, first.Device));
        var second = Texts.Read(text).Config!;
        Assert.Equal(text, Texts.Written(output => ConfigWriter.Write(output, second, second.Device)));
        Assert.Equal(first.PostUp, second.PostUp);
        Assert.Equal(first.DnsSearch, second.DnsSearch);
        Assert.Equal(first.DnsServers, second.DnsServers);
    }

    [Fact]
    public void Nothing_is_little_to_write() => Assert.Equal("[Interface]\n", Texts.Show(new()));

    private static string PathOf(string file) => Repository.PathOf($"tests/Qanat.WireGuard.Tests/Configuration/WgQuick/{file}");
}
