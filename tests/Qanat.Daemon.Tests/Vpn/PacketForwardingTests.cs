using Qanat.Daemon.Vpn.Forwarding;

namespace Qanat.Daemon.Tests.Vpn;

/// <summary>Forwarding by single devices, in a folder that stands for /proc/sys: what is turned on, and what comes back.</summary>
public sealed class PacketForwardingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qanat-sysctl-").FullName;

    public PacketForwardingTests()
    {
        foreach (var device in (string[])["all", "default", "eth0", "eth1", "hq"])
        {
            Set($"net/ipv4/conf/{device}/forwarding", "0");
            Set($"net/ipv6/conf/{device}/forwarding", "0");
            Set($"net/ipv6/conf/{device}/force_forwarding", "0");
            Set($"net/ipv6/conf/{device}/accept_ra", "1");
        }
    }

    private string RecordFile => RecordOf("hq");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_devices_forward_and_no_others()
    {
        Turn(New(), ["hq", "eth0"], ["hq", "eth0"]);
        Assert.Equal(
            ["net/ipv4/conf/eth0/forwarding", "net/ipv4/conf/hq/forwarding", "net/ipv6/conf/eth0/force_forwarding",
                "net/ipv6/conf/hq/force_forwarding"],
            ThatAreOn());
    }

    [Fact]
    public void All_is_put_back_and_the_record_is_gone()
    {
        var forwarding = New();
        Turn(forwarding, ["hq", "eth0"], ["hq", "eth0"]);
        Assert.True(File.Exists(RecordFile));
        forwarding.PutBack();
        Assert.Empty(ThatAreOn());
        Assert.False(File.Exists(RecordFile));
    }

    [Fact]
    public void The_next_process_puts_back_what_a_killed_one_has_left()
    {
        Turn(New(), ["hq", "eth0"], ["hq"]);
        New().PutBack();
        Assert.Empty(ThatAreOn());
    }

    [Fact]
    public void A_device_that_forwards_already_is_none_of_ours()
    {
        Set("net/ipv4/conf/eth0/forwarding", "1");
        var forwarding = New();
        Turn(forwarding, ["eth0", "eth1"], []);
        forwarding.PutBack();
        Assert.Equal(["net/ipv4/conf/eth0/forwarding"], ThatAreOn());
    }

    [Fact]
    public void A_device_that_leads_there_no_more_is_put_back_at_once()
    {
        var forwarding = New();
        Turn(forwarding, ["hq", "eth0"], []);
        Turn(forwarding, ["hq", "eth1"], []);
        Assert.Equal(["net/ipv4/conf/eth1/forwarding", "net/ipv4/conf/hq/forwarding"], ThatAreOn());
    }

    [Fact]
    public void Who_turns_all_on_afterwards_keeps_it_so()
    {
        var forwarding = New();
        Turn(forwarding, ["eth0"], []);
        foreach (var device in (string[])["all", "default", "eth0", "eth1", "hq"])
            Set($"net/ipv4/conf/{device}/forwarding", "1"); // what the kernel does for the first of them
        Assert.Empty(forwarding.Find(["eth0"], []));
        forwarding.Turn([]);
        Assert.Equal("1", Get("net/ipv4/conf/eth0/forwarding"));
        New().PutBack();
        Assert.Equal("1", Get("net/ipv4/conf/eth0/forwarding"));
    }

    [Fact]
    public void Who_turns_a_device_off_afterwards_is_heeded()
    {
        var forwarding = New();
        Turn(forwarding, ["eth0"], []);
        Set("net/ipv4/conf/eth0/forwarding", "0");
        forwarding.PutBack();
        Assert.Equal("0", Get("net/ipv4/conf/eth0/forwarding"));
    }

    [Fact]
    public void A_device_that_is_gone_is_let_go()
    {
        var forwarding = New();
        Turn(forwarding, ["hq", "eth0"], ["hq"]);
        Directory.Delete(Path.Combine(_folder, "net/ipv4/conf/hq"), recursive: true);
        forwarding.PutBack();
        Assert.Empty(ThatAreOn());
    }

    [Fact]
    public void Where_IPv6_has_one_setting_for_all_devices_stay_what_they_are()
    {
        foreach (var device in (string[])["all", "default", "eth0", "eth1", "hq"])
            File.Delete(Path.Combine(_folder, $"net/ipv6/conf/{device}/force_forwarding"));
        var forwarding = New();
        var setting = Assert.Single(forwarding.Find([], ["hq", "eth0"]));
        Assert.Null(setting.Device);
        forwarding.Turn([setting]);
        Assert.Equal(["net/ipv6/conf/all/forwarding"], ThatAreOn());
        Assert.Equal("1", Get("net/ipv6/conf/eth0/accept_ra"));
        Assert.Equal(setting, Assert.Single(forwarding.Find([], ["hq", "eth0"])));
        forwarding.PutBack();
        Assert.Empty(ThatAreOn());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_two_hubs_need_stays_until_the_last_of_them_goes(bool hasSingleDevices)
    {
        if (!hasSingleDevices)
            foreach (var device in (string[])["all", "default", "eth0", "eth1", "hq"])
                File.Delete(Path.Combine(_folder, $"net/ipv6/conf/{device}/force_forwarding"));
        var (one, other) = (New(), New("branch"));
        Turn(one, ["hq", "eth0"], ["eth0"]);
        Turn(other, ["eth0"], ["eth0"]);
        one.PutBack();
        Assert.Equal(
            ["net/ipv4/conf/eth0/forwarding", hasSingleDevices ? "net/ipv6/conf/eth0/force_forwarding" : "net/ipv6/conf/all/forwarding"],
            ThatAreOn());
        Turn(one, ["eth0"], ["eth0"]);
        other.PutBack();
        Assert.Equal(2, ThatAreOn().Count());
        Turn(one, [], []);
        Assert.Empty(ThatAreOn());
    }

    [Fact]
    public void IPv6_that_is_passed_on_already_needs_nothing()
    {
        Set("net/ipv6/conf/all/forwarding", "1");
        Assert.Empty(New().Find([], ["hq", "eth0"]));
    }

    [Fact]
    public void A_record_that_makes_no_sense_is_set_aside()
    {
        File.WriteAllText(RecordFile, "[{");
        New().PutBack();
        Assert.True(File.Exists($"{RecordFile}.bad"));
    }

    private static void Turn(PacketForwarding forwarding, string[] ipv4, string[] ipv6) => forwarding.Turn(forwarding.Find(ipv4, ipv6));

    private PacketForwarding New(string hub = "hq") => new(new(_folder), new(RecordOf(hub)));

    private string RecordOf(string hub) => Path.Combine(_folder, $"1.vpn.{hub}.json");

    private void Set(string path, string value)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, path))!);
        File.WriteAllText(Path.Combine(_folder, path), $"{value}\n");
    }

    private string Get(string path) => File.ReadAllText(Path.Combine(_folder, path)).Trim();

    private IEnumerable<string> ThatAreOn() => Directory.EnumerateFiles(_folder, "*forwarding", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_folder, file)).Where(file => Get(file) == "1").Order(StringComparer.Ordinal);
}
