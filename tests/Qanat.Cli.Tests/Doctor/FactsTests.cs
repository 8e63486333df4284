using System.IO.Compression;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Cli.Doctor;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Namespaces;

namespace Qanat.Cli.Tests.Doctor;

/// <summary>What is read from /proc and its like: as the kernel writes it, and as nobody does.</summary>
public sealed class FactsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("qanat-doctor-").FullName;
    private readonly SystemFiles _files;

    public FactsTests() => _files = new(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_is_not_there_is_nothing_and_no_exception()
    {
        Assert.Null(_files.Read("proc/none"));
        Assert.Null(_files.ReadCompressed("proc/none.gz"));
        Assert.Null(_files.Target("proc/self/exe"));
        Assert.Empty(_files.Lines("proc/none"));
        Assert.Empty(_files.Names("proc"));
        Assert.Empty(_files.Processes());
        Assert.Null(_files.Read("")); // the folder itself
    }

    [Fact]
    public void An_endless_file_is_read_within_bounds() => Assert.Equal(4 << 20, new SystemFiles("/dev").Read("zero")!.Length);

    [Fact]
    public void A_kernel_configuration_is_read_compressed_or_from_boot()
    {
        Write("proc/sys/kernel/osrelease", "6.1.0-test\n");
        Write("boot/config-6.1.0-test",
            "#\n# CONFIG_VETH is not set\nCONFIG_TUN=m\nCONFIG_BRIDGE=y\nCONFIG_HZ=250\nCONFIG_X=\"y\"\nCONFIG_");
        var kernel = KernelFacts.Read(_files);
        Assert.Equal("6.1.0-test", kernel.Release);
        Assert.Equal(new Dictionary<string, char> { ["TUN"] = 'm', ["BRIDGE"] = 'y' }, kernel.Options);
        Assert.True(kernel.Lacks("VETH"));

        using (var stream = new GZipStream(File.Create(Path.Combine(_root, "proc/config.gz")), CompressionLevel.Fastest))
            stream.Write("CONFIG_VETH=y\n"u8);
        Assert.False(KernelFacts.Read(_files).Lacks("VETH"));
    }

    [Fact]
    public void A_configuration_that_is_none_claims_nothing()
    {
        Write("proc/config.gz", "not compressed");
        Assert.Null(KernelFacts.Read(_files).Options);
        Assert.False(KernelFacts.Read(_files).Lacks("TUN"));
    }

    [Theory]
    [InlineData("/dev/net", "22 1 0:5 / / rw - ext4 x rw|25 22 0:6 / /dev rw - devtmpfs d rw|26 25 0:7 / /dev/net rw,nodev - tmpfs n rw")]
    [InlineData(null, "22 1 0:5 / / rw,nodev - ext4 x rw|25 22 0:6 / /dev rw - devtmpfs d rw")]
    [InlineData("/", "22 1 0:5 / / rw,nodev - ext4 x rw|25 22 0:6 / /devices rw - devtmpfs d rw")]
    [InlineData(null, "26 25 0:7 / /dev/net rw,nodev - tmpfs n rw|27 26 0:8 / /dev/net rw - tmpfs n rw")]
    [InlineData(null, "26|x|")]
    public void The_mount_that_a_node_is_on_tells_whether_it_counts(string? expected, string lines) =>
        Assert.Equal(expected, NodeFacts.NoDev(lines.Split('|'), "/dev/net/tun"));

    [Theory]
    [InlineData("/a/b", "6:memory:/m|5:devices:/a/b")]
    [InlineData("", "5:devices,cpu:/")]
    [InlineData(null, "0::/user.slice|x|")]
    public void The_group_of_the_device_rules_is_that_of_cgroup_v1(string? expected, string lines) =>
        Assert.Equal(expected, NodeFacts.GroupOf(lines.Split('|')));

    [Theory]
    [InlineData(false, "         0          0 4294967295\n")]
    [InlineData(true, "         0       1000          1\n")]
    [InlineData(true, "")]
    [InlineData(false, null)]
    public void A_user_namespace_is_told_by_its_map(bool expected, string? map) => Assert.Equal(expected, RightsFacts.IsMapped(map));

    [Fact]
    public void A_container_is_told_by_its_traces()
    {
        Assert.Null(RightsFacts.ContainerKind(_files));
        Write("proc/1/cgroup", "0::/kubepods/besteffort/pod1");
        Assert.Equal("kubepods", RightsFacts.ContainerKind(_files));
        Write("run/systemd/container", "lxc\n");
        Assert.Equal("lxc", RightsFacts.ContainerKind(_files));
        Write(".dockerenv", "");
        Assert.Equal("docker", RightsFacts.ContainerKind(_files));
        Assert.Equal("1000", RightsFacts.EffectiveUser(["Name:\tx", "Uid:\t0\t1000\t0\t0"]));
        Assert.Null(RightsFacts.EffectiveUser(["Uid:"]));
    }

    [Fact]
    public void Counters_are_read_in_pairs_of_lines()
    {
        var counters = ProtocolCounters.Parse(
        [
            "Ip: Forwarding InAddrErrors", "Ip: 1 12", "Tcp: A B", "Tcp: 1", "TcpExt: X IPReversePathFilter", "TcpExt: -1 3",
            "Odd: names alone", "", "::",
        ]);
        Assert.Equal(12, counters.AddressErrors);
        Assert.Equal(3, counters.ReversePathDrops);
        Assert.Equal(-1, counters["TcpExt.X"]);
        Assert.Equal(0, counters["Tcp.A"]);
    }

    [Fact]
    public void A_lock_is_told_by_its_file()
    {
        var file = new FileIdentity(0xfd, 1, 99);
        string[] locks =
        [
            "1: FLOCK  ADVISORY  WRITE 7 fd:01:98 0 EOF", "2: POSIX  ADVISORY  WRITE 8 fd:01:99 0 EOF", "", "3:",
            "4: FLOCK  ADVISORY  WRITE 9 fd:01:99 0 EOF",
        ];
        Assert.Equal(9, LockTable.HolderOf(file, locks));
        Assert.Null(LockTable.HolderOf(file, locks[..4]));
    }

    [Fact]
    public void Settings_that_are_missing_or_no_numbers_are_none()
    {
        var sysctls = new Sysctls(path => path switch { "a" => "1\n", "b" => "1\t2", "c" => "", "d" => "-3", _ => null });
        Assert.Equal([1, null, null, -3, null], ((string[])["a", "b", "c", "d", "e"]).Select(sysctls.Number));
        Assert.Equal("net.ipv4.conf.eth0/7.rp_filter", Sysctls.NameOf("ipv4", "eth0.7", "rp_filter"));
    }

    [Theory]
    [InlineData("tun0", true, 0)]
    [InlineData("10.0.0.2", false, 1)]
    [InlineData("fd00::2", false, 1)]
    public void A_word_is_a_device_or_an_address(string word, bool device, int addresses)
    {
        var asked = Asked.Parse([word], name => name == "tun0", out var unknown);
        Assert.Null(unknown);
        Assert.Equal(device, asked.Devices.Count == 1);
        Assert.Equal(addresses, asked.Destinations.Count);
    }

    [Theory]
    [InlineData("nosuch")]
    [InlineData("10")]
    [InlineData("10.0.0.0/8")]
    [InlineData("")]
    public void Any_other_word_is_unknown(string word)
    {
        _ = Asked.Parse([word], _ => false, out var unknown);
        Assert.Equal(word, unknown);
    }

    [Fact]
    public void Parsers_take_any_text()
    {
        var word = Gen.Elements(
            "Ip:", "1", "0::/", "FLOCK", "Uid:", "CONFIG_A=y", "/dev", "rw,nodev", "", " ", "\0", ":", "99999999999999999999", "é");
        var line = word.ListOf(12).Select(words => string.Join(' ', words));
        Prop.ForAll(line.ListOf(8).ToArbitrary(), lines =>
        {
            _ = ProtocolCounters.Parse(lines);
            _ = NodeFacts.NoDev(lines, "/dev/net/tun");
            _ = NodeFacts.GroupOf(lines);
            _ = LockTable.HolderOf(default(FileIdentity), lines);
            _ = RightsFacts.EffectiveUser(lines);
            _ = RightsFacts.IsMapped(string.Join('\n', lines));
            _ = KernelFacts.Parse(string.Join('\n', lines));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.1")]
    [InlineData("10.0.0.0/31", "10.0.0.0")]
    [InlineData("10.0.0.7/32", "10.0.0.7")]
    [InlineData("0.0.0.0/0", "1.0.0.1")]
    [InlineData("2001:db8::/64", "2001:db8::1")]
    [InlineData("::/0", "2000::1")]
    public void An_address_stands_for_a_network(string network, string address) =>
        Assert.Equal(IPAddress.Parse(address), Prefixes.Sample(IPNetwork.Parse(network), []));

    [Fact]
    public void An_address_that_a_longer_prefix_has_does_not_stand_for_the_network()
    {
        var network = IPNetwork.Parse("10.0.0.0/8");
        Assert.Equal(IPAddress.Parse("10.128.0.0"), Prefixes.Sample(network, [IPNetwork.Parse("10.0.0.0/24")]));
        Assert.Null(Prefixes.Sample(network, [IPNetwork.Parse("10.0.0.0/9"), IPNetwork.Parse("10.128.0.0/9")]));
    }

    [Fact]
    public void Any_network_has_an_address_of_its_own()
    {
        Prop.ForAll(Gen.Choose(0, 128).ToArbitrary(), Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary(), (length, seed) =>
        {
            var bytes = new byte[length > 32 ? 16 : seed % 2 == 0 ? 4 : 16];
            new Random(seed).NextBytes(bytes);
            var network = Prefixes.Of(new(bytes), length);
            return Prefixes.Sample(network, []) is { } address && network.Contains(address);
        }).QuickCheckThrowOnFailure();
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
