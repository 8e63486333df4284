using System.Xml.Linq;

namespace Qanat.Vpn.Tests;

public class GraphTests
{
    [Fact]
    public void The_same_network_is_always_the_same_picture()
    {
        using var network = Some.With("anna", "ben");
        Assert.Equal(VpnGraph.Svg(network, Some.Now), VpnGraph.Svg(network, Some.Now));
    }

    [Theory]
    [InlineData("peers", 0)]
    [InlineData("internet", 1)]
    [InlineData("intranet=192.168.0.0/16,10.1.0.0/16,fd00:1::/64", 3)]
    public void Everyone_and_everything_is_in_it_once(string access, int places)
    {
        using var network = Some.Network(access: access).Invite("anna", Some.Now).Network
            .Invite("ben", Some.Now, Some.Now + TimeSpan.FromHours(1)).Network;
        var svg = XDocument.Parse(VpnGraph.Svg(network, Some.Now + TimeSpan.FromHours(2)));
        XNamespace ns = "http://www.w3.org/2000/svg";
        string[] kinds = [.. svg.Descendants(ns + "rect").Select(rect => (string?)rect.Attribute("class") ?? "").Where(kind => kind != "")];
        Assert.Equal(["peer", "gone", "hub", .. Enumerable.Repeat("place", places)], kinds);
        Assert.Equal(2 + places, svg.Descendants(ns + "path").Count());
        Assert.Contains("ben (expired)", svg.Descendants(ns + "text").Select(text => text.Value));
        var height = (int)svg.Root!.Attribute("height")!;
        Assert.All(svg.Descendants(ns + "rect"), rect =>
            Assert.InRange((int?)rect.Attribute("y") ?? 0, 0, height - (int)rect.Attribute("height")!));
    }

    [Fact]
    public void Text_from_outside_stays_text()
    {
        using var network = Some.Network() with { Endpoint = new("<b>&\"", "1") };
        var svg = XDocument.Parse(VpnGraph.Svg(network, Some.Now));
        Assert.Contains(svg.Descendants(), element => element.Value == "hub, <b>&\":1");
    }
}
