using Qanat.Daemon.WireGuard.Up;

namespace Qanat.Daemon.Tests.WireGuard;

/// <summary>What is no file to be read is refused in a line, and does not fill the memory.</summary>
public sealed class ConfigFileTests
{
    [Theory]
    [InlineData("/dev/zero", "it has more than 16 MiB")]
    [InlineData("/dev", "it is a folder")]
    [InlineData("/dev/nosuch.conf", "No such file or directory")]
    [InlineData("/proc/self/mem", "Input/output error")]
    public void What_cannot_be_read_is_said(string path, string why)
    {
        List<string> said = [];
        Assert.Null(ConfigFile.Read(path, said.Add));
        Assert.Equal([$"qanat: cannot read {path}: {why}"], said);
    }

    [Fact]
    public void A_file_is_read_however_long_it_is()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, $"# {new string('-', 100_000)}\n[Interface]\nListenPort = 7\nPostUp = true\n");
            Assert.Equal((ushort)7, ConfigFile.Read(path, _ => { })!.Change.ListenPort);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
