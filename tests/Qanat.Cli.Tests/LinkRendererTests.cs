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
