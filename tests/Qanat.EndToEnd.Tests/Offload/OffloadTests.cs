using Qanat.EndToEnd.Tests.Interop;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Offload.OffloadPair;

namespace Qanat.EndToEnd.Tests.Offload;

/// <summary>Tunnels whose packets the kernel moves: all of these pass, and next to none of them by the daemon.</summary>
[Collection(nameof(OffloadPair))]
public sealed class OffloadTests(OffloadPair pair)
{
    private const string Fou = "encap fou encap-sport auto encap-dport", Gue = "encap gue encap-sport auto encap-dport";
    private const string Ipip = $"tunnel add tun1 mode ipip {Ends}";

    // Neighbours are asked for, and groups are told of.
    private const int Few = 20, Transferred = 32 << 20;

    private readonly TestNamespace _a = pair.A, _b = pair.B;

    [Theory]
    [InlineData(Ipip, Inner.IPv4)]
    [InlineData($"tunnel add tun1 mode gre {Ends}", Inner.Both)]
    [InlineData($"tunnel add tun1 mode gre {Ends} key 42", Inner.Both)]
    [InlineData($"link add tun1 type gretap {Ends}", Inner.Both)]
    [InlineData($"tunnel add tun1 mode sit {Ends}", Inner.IPv6)]
    [InlineData($"link add tun1 type sit mode ipip {Ends}", Inner.IPv4)]
    [InlineData($"fou add port 5550 ipproto 4; link add tun1 type ipip {Ends} {Fou} 5550", Inner.IPv4)]
    [InlineData($"fou add port 5551 gue; link add tun1 type ipip {Ends} {Gue} 5551", Inner.IPv4)]
    [InlineData($"fou add port 5552 ipproto 47; link add tun1 type gre {Ends} {Fou} 5552", Inner.Both)]
    [InlineData($"fou add port 5551 gue; link add tun1 type gre {Ends} {Gue} 5551 key 42", Inner.Both)]
    [InlineData($"link add tun1 mtu 1450 type vxlan id 42 dstport 4789 {Ends}", Inner.Both)]
    public async Task All_that_is_sent_arrives_and_the_kernel_has_moved_it(string commands, Inner inner)
    {
        using var tunnel = pair.Make(commands);
        var families = 0;
        foreach (var (family, ofA, ofB) in new[] { (Inner.IPv4, InnerA, InnerB), (Inner.IPv6, InnerA6, InnerB6) })
        {
            if (!inner.HasFlag(family))
                continue;
            families++;
            // Addresses that a network learns are known to the programs a little later.
            Wait.Until(() => ByDaemon() is var before && _a.Reaches(ofB) && ByDaemon() == before, what: "a ping that no daemon sees");
            var before = ByDaemon();
            await _a.TransferAsync(_b, ofB);
            await _b.TransferAsync(_a, ofA);
            await _a.SendDatagramAsync(_b, ofB, 9000);
            await _b.SendDatagramAsync(_a, ofA, 60_000);
            Assert.InRange(ByDaemon() - before, 0, Few);
        }
        foreach (var host in (TestNamespace[])[_a, _b])
        {
            Wait.Until(() => AsMany(host, "txBytes") && AsMany(host, "rxBytes"), what: "the counters");
            Assert.Equal("offloaded", host.Offload());
            Assert.StartsWith("on", host.Bpf(), StringComparison.Ordinal);
        }

        long ByDaemon() => _a.ByDaemon() + _b.ByDaemon();

        bool AsMany(TestNamespace host, string counter) => host.Counted(counter) > (long)families * Transferred;
    }

    [Fact]
    public async Task The_tunnels_own_ttl_and_tos_are_on_the_wire()
    {
        using var tunnel = pair.Make($"{Ipip} ttl 33 tos 0x10");
        await AssertWireAsync(
            ("-t 99 -Q 0xb8 -M dont", 33, 0x10, true), ("-t 9 -Q 0xb9", 33, 0x11, true), ("-t 9 -Q 0xbb", 33, 0x12, true),
            ("tcp", 33, 0x10, true));
    }

    [Fact]
    public async Task What_is_inherited_is_on_the_wire()
    {
        using var tunnel = pair.Make($"{Ipip} tos inherit nopmtudisc");
        await AssertWireAsync(
            ("-t 99 -Q 0xb8 -M dont", 99, 0xb8, false), ("-t 9 -Q 0xb9 -M do", 9, 0xb9, true), ("-t 9 -Q 0xbb -M dont", 9, 0xba, false),
            ("tcp", 64, 0, true));
    }

    [Fact]
    public void Congestion_met_outside_is_told_inside()
    {
        using var tunnel = pair.Make(Ipip);
        using var inside = new Capture(_a, "tun1", "icmp[icmptype] == icmp-echo");
        byte[] icmp = [8, 0, 0xF7, 0xF8, 0, 7, 0, 0];
        byte[] inner = [.. Header(28, 1, tos: 2, [10, 0, 0, 2, 10, 0, 0, 1]), .. icmp];
        _b.SendRaw([.. Header(20 + 28, 4, tos: 3, [10, 10, 50, 186, 10, 10, 50, 71]), .. inner], TwoHosts.AddressOfA);
        Assert.Equal(3, new IPv4Fields(inside.WaitFor(1)[0]).Tos);
        Assert.Equal("offloaded", _a.Offload());
    }

    [Fact]
    public void A_change_of_ttl_and_remote_holds_at_once()
    {
        const string other = "10.10.50.187";
        using var tunnel = pair.Make(Ipip);
        _b.Do($"ip addr add {other}/24 dev eth0", $"qanat tunnel change tun1 local {other}");
        using var wire = new Capture(_a, "eth0", $"ip proto 4 and src host {TwoHosts.AddressOfA}");
        _a.Do($"qanat tunnel change tun1 remote {other} ttl 7", $"ping -c 1 -W 10 {InnerB}");
        var outer = new IPv4Fields(wire.WaitFor(1)[0]);
        Assert.Equal((other, 7), (outer.Destination.ToString(), outer.Ttl));
        Assert.True(outer.ChecksumHolds);
        Assert.Equal("offloaded", _a.Offload());
        Assert.InRange(_a.ByDaemon() + _b.ByDaemon(), 0, Few);
        _b.Do($"ip addr del {other}/24 dev eth0");
    }

    [Fact]
    public void The_counters_of_show_are_those_of_what_passed()
    {
        using var tunnel = pair.Make(Ipip);
        _a.Do($"ping -c 10 -i 0.01 -W 10 -s 100 {InnerB}");
        foreach (var host in (TestNamespace[])[_a, _b])
        {
            Wait.Until(() => Numbers(host, "RX").SequenceEqual(["10", "1280"]), what: "what arrived");
            Assert.Equal(["10", "1280"], Numbers(host, "TX"));
        }

        static string[] Numbers(TestNamespace host, string direction)
        {
            var lines = host.Do("qanat -s tunnel show tun1").Split('\n');
            var line = lines[Array.FindIndex(lines, line => line.StartsWith(direction, StringComparison.Ordinal)) + 1];
            return line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2];
        }
    }

    // Pings of A, or TCP, and what the outer headers must have for them; super-packets are there as the device gets them.
    private async Task AssertWireAsync(params (string Packet, int Ttl, int Tos, bool DontFragment)[] cases)
    {
        foreach (var (packet, ttl, tos, dontFragment) in cases)
        {
            var isTcp = packet == "tcp";
            var larger = isTcp ? " and greater 4000" : "";
            using var wire = new Capture(_a, "eth0", $"ip proto 4 and src host {TwoHosts.AddressOfA}{larger}");
            if (isTcp)
                await _a.TransferAsync(_b, InnerB);
            else
                _a.Do($"ping -c 1 -W 10 {packet} {InnerB}");
            foreach (var outer in wire.WaitFor(1).Select(bytes => new IPv4Fields(bytes)))
            {
                Assert.Equal((ttl, tos, dontFragment), (outer.Ttl, outer.Tos, outer.DontFragment));
                Assert.True(outer.ChecksumHolds);
                Assert.Equal(outer.TotalLength - 20, outer.Inner.TotalLength);
            }
        }
        Assert.InRange(_a.ByDaemon(), 0, Few);
    }

    private static byte[] Header(int length, byte protocol, byte tos, ReadOnlySpan<byte> addresses)
    {
        byte[] header = [0x45, tos, 0, (byte)length, 0, 1, 0, 0, 64, protocol, 0, 0, .. addresses];
        var sum = 0;
        for (var at = 0; at < header.Length; at += 2)
            sum += header[at] << 8 | header[at + 1];
        sum = ~(sum % 0xFFFF);
        (header[10], header[11]) = ((byte)(sum >> 8), (byte)sum);
        return header;
    }
}
