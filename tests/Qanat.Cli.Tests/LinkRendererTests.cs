using Qanat.Cli.Iproute2;
using Qanat.Cli.Iproute2.Links;
using Qanat.Daemon.Api;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Tests;

public class LinkRendererTests
{
    private const string Line = "Drops: moved-address 2  no-route 3";

    [Theory]
    [InlineData("-s", $"\n    {Line}\n")]
    [InlineData("-s -o", $"\\    {Line}\n")]
    [InlineData("-s -j", ",\"drops\":{\"moved-address\":2,\"no-route\":3}}]\n")]
    public void The_reasons_of_drops_follow_the_counters(string options, string end) =>
        Assert.EndsWith(end, Print(options, new() { ["no-route"] = 3, ["moved-address"] = 2, ["inner-header"] = 0 }));

    [Theory]
    [InlineData("-s")]
    [InlineData("-s -j")]
    public void Without_drops_there_is_what_ip_prints_and_no_more(string options) =>
        Assert.DoesNotContain("drops", Print(options, new() { ["no-route"] = 0 }), StringComparison.OrdinalIgnoreCase);

    // As iproute2 6.1 prints such devices.
    [Theory]
    [InlineData("-br", "t4@NONE          DOWN           0.0.0.0 <POINTOPOINT,NOARP> \n")]
    [InlineData("-br -s -d -o", "t4@NONE          DOWN           0.0.0.0 <POINTOPOINT,NOARP> \n")]
    [InlineData("-br -j",
        """[{"link":null,"ifname":"t4","operstate":"DOWN","address":"0.0.0.0","flags":["POINTOPOINT","NOARP"]}]""" + "\n")]
    public void In_brief_a_device_takes_a_line(string options, string expected)
    {
        var output = new StringWriter();
        var counters = new CounterReport(0, 0, 0, 0, 0, 0, 0, new Dictionary<string, long>());
        var tunnel = new TunnelReport(new() { Name = "t4", Mode = "gre", Remote = "192.0.2.4" }, 7, 1476, true, counters);
        const LinkFlags flags = LinkFlags.PointToPoint | LinkFlags.NoArp;
        var device = new Link { Index = 7, Name = "t4", Mtu = 1476, Flags = flags, State = OperationalState.Down };
        new LinkRenderer(output, GlobalOptions.Parse(options.Split(' '), out _), Palette.None).List([(tunnel, device)]);
        Assert.Equal(expected, output.ToString());
    }

    [Fact]
    public void Kinds_of_errors_are_told_when_statistics_are_asked_for_twice()
    {
        Dictionary<string, long> drops = new() { ["checksum-error"] = 12345678, ["ecn-error"] = 2, ["out-of-sequence"] = 3 };
        Assert.Contains(
            "\n    RX errors:  length      crc   frame    fifo overrun\n                     0 12345678       2       3       0 \n    TX:",
            Print("-s -s", drops), StringComparison.Ordinal);
        var json = Print("-s -s -j", drops);
        Assert.Contains("""
            "length_errors":0,"crc_errors":12345678,"frame_errors":2,"fifo_errors":3,"missed_errors":0},
            """.Trim(), json, StringComparison.Ordinal);
        Assert.Contains("""
            "collisions":0,"aborted_errors":0,"fifo_errors":0,"window_errors":0,"heartbeat_errors":0,"carrier_changes":0}},
            """.Trim(), json, StringComparison.Ordinal);
    }

    private static string Print(string options, Dictionary<string, long> drops)
    {
        var output = new StringWriter();
        var counters = new CounterReport(1, 2, 0, 0, 3, 4, 5, drops);
        var tunnel = new TunnelReport(new() { Name = "vx0", Mode = "vxlan", Vxlan = new() { Id = 5 } }, 7, 1450, true, counters);
        new LinkRenderer(output, GlobalOptions.Parse(options.Split(' '), out _), Palette.None)
            .List([(tunnel, new Link { Index = 7, Name = "vx0", Mtu = 1450 })]);
        return output.ToString();
    }
}
