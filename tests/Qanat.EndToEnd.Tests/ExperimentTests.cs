using System.Net;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>The experiment that Qanat is to reproduce, sentence by sentence.</summary>
public sealed class ExperimentTests(Experiment experiment) : IClassFixture<Experiment>
{
    private readonly TestNamespace _a = experiment.A, _b = experiment.B;

    [Fact]
    public void Ping_goes_both_ways()
    {
        _a.Do($"ping -c 3 -i 0.2 -W 10 {Experiment.InnerB}");
        _b.Do($"ping -c 3 -i 0.2 -W 10 {Experiment.InnerA}");
    }

    [Fact]
    public void A_4000_byte_ping_crosses_as_fragments_of_the_inner_packet()
    {
        using var wire = new Capture(_a, "eth0", "ip proto 4 and src host 10.10.50.71");
        _a.Do($"ping -c 1 -W 10 -s 4000 {Experiment.InnerB}");

        var outer = wire.WaitFor(3).Select(packet => new IPv4Fields(packet)).ToArray();
        Assert.Equal([0, 1456, 2912], outer.Select(packet => packet.Inner.FragmentOffset));
        Assert.Equal([true, true, false], outer.Select(packet => packet.Inner.MoreFragments));
        Assert.All(outer, packet => Assert.False(packet.MoreFragments || packet.FragmentOffset > 0 || packet.TotalLength > 1500));
    }

    [Fact]
    public void The_wire_shows_protocol_4_with_the_inner_packet_untouched()
    {
        using var inside = new Capture(_a, "tun1");
        using var wire = new Capture(_a, "eth0", "ip proto 4");
        using var beyond = new Capture(_b, "tun1");
        _a.Do($"ping -c 1 -W 10 -t 33 {Experiment.InnerB}");

        var inner = inside.WaitFor(1)[0];
        var outer = new IPv4Fields(wire.WaitFor(1)[0]);
        Assert.Equal((IPAddress.Parse("10.10.50.71"), IPAddress.Parse("10.10.50.186")), (outer.Source, outer.Destination));
        Assert.Equal((4, 33, 0, true, 104), (outer.Protocol, outer.Ttl, outer.Tos, outer.DontFragment, outer.TotalLength));
        Assert.True(outer.ChecksumHolds);
        Assert.Equal(inner.ToArray(), outer.Payload.ToArray());
        Assert.Equal(inner.ToArray(), beyond.WaitFor(1)[0].ToArray());
    }

    [Theory]
    [InlineData("-n 200M")]
    [InlineData("-n 200M -R")]
    [InlineData("-n 200M -P 4")]
    [InlineData("-t 1 -u -b 20M -l 1400")]
    [InlineData("-t 1 -u -b 20M -l 8000")]
    public void Iperf3_gets_through(string options) =>
        Assert.True(_a.Iperf3(_b, Experiment.InnerB, options) > 1_000_000);

    [Fact]
    public Task What_tcp_sends_arrives_bit_by_bit() => _a.TransferAsync(_b, Experiment.InnerB);

    [Fact]
    public void Show_prints_the_line_that_ip_prints()
    {
        const string line = "tun1: ip/ip remote 10.10.50.186 local 10.10.50.71 ttl inherit";
        Assert.Equal(line, _a.Do("qanat tunnel show tun1").TrimEnd());
        Assert.Contains(line, _a.Do("qanat tunnel show").Split('\n').Select(text => text.TrimEnd()));
    }

    [Fact]
    public void The_device_has_an_mtu_of_1480_and_is_an_ordinary_one()
    {
        var link = _a.Link("tun1");
        Assert.Equal(1480, link.GetProperty("mtu").GetInt32());
        Assert.Contains("POINTOPOINT", link.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
    }

    [Fact]
    public void The_counters_of_ip_move_with_each_packet()
    {
        var received = _a.Counter("tun1", "rx", "packets");
        var sent = _a.Counter("tun1", "tx", "packets");
        var bytes = _a.Counter("tun1", "tx", "bytes");
        _a.Do($"ping -c 3 -i 0.2 -W 10 {Experiment.InnerB}");
        Assert.Equal(received + 3, _a.Counter("tun1", "rx", "packets"));
        // At least: the kernel may have asked for IPv6 routers meanwhile.
        Assert.InRange(_a.Counter("tun1", "tx", "packets"), sent + 3, sent + 8);
        Assert.InRange(_a.Counter("tun1", "tx", "bytes"), bytes + (3 * 84), bytes + 1000);
    }

    [Fact]
    public void Qanats_own_counters_move_too()
    {
        var before = _a.Tunnel("tun1").GetProperty("counters");
        _a.Do($"ping -c 3 -i 0.2 -W 10 {Experiment.InnerB}");
        var after = _a.Tunnel("tun1").GetProperty("counters");
        foreach (var counter in new[] { "txPackets", "rxPackets" })
            Assert.Equal(before.GetProperty(counter).GetInt64() + 3, after.GetProperty(counter).GetInt64());
        Assert.Equal(before.GetProperty("txBytes").GetInt64() + (3 * 84), after.GetProperty("txBytes").GetInt64());
    }

    [Fact]
    public void IPv6_addresses_on_the_wire_do_not_disturb_it()
    {
        _a.Do("ip -6 addr add 2001:db8::1/64 dev eth0 nodad");
        _b.Do("ip -6 addr add 2001:db8::2/64 dev eth0 nodad");
        Wait.Until(() => _a.Reaches("2001:db8::2"), what: "IPv6 on the wire");
        _a.Do($"ping -c 2 -i 0.2 -W 10 {Experiment.InnerB}");
    }

    [Fact]
    public void IPv6_into_the_tunnel_goes_nowhere_and_harms_nothing()
    {
        using var wire = new Capture(_a, "eth0", "ip proto 41 or ip proto 4");
        _a.Do("ip -6 addr add 2001:db8:1::1/64 dev tun1 nodad");
        Assert.False(_a.Reaches("2001:db8:1::2"));
        _a.Do($"ping -c 1 -W 10 {Experiment.InnerB}", "ip -6 addr flush dev tun1");
        Assert.All(wire.WaitFor(2), packet => Assert.Equal(4, new IPv4Fields(packet).Inner.Bytes.Span[0] >> 4));
    }
}
