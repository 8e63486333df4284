using System.Buffers.Binary;
using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>The rules of gre and gretap that no capture shows (net/ipv4/ip_gre.c, net/ipv4/gre_demux.c).</summary>
public class GreTests
{
    private const ushort Checksum = 0x8000, Routing = 0x4000, Key = 0x2000, Sequence = 0x1000;
    private const EtherType Wccp = (EtherType)0x883E;

    private static readonly TunnelParameters s_gre = new() { Mode = TunnelMode.Gre, Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") };
    private static readonly TunnelParameters s_gretap = s_gre with { Mode = TunnelMode.Gretap };

    public static TheoryData<string, GreParameters, byte[], DropReason> BadPackets => new()
    {
        { "no header", new(), Outer([], protocol: 47), DropReason.TunnelHeader },
        { "half a header", new(), Outer([0, 0, 8], protocol: 47), DropReason.TunnelHeader },
        { "routing", new(), OuterGre(Inner(), Routing, EtherType.IPv4), DropReason.TunnelHeader },
        { "version 1", new(), OuterGre(Inner(), 1, EtherType.IPv4), DropReason.TunnelHeader },
        { "version 7", new(), OuterGre(Inner(), 7, EtherType.IPv4), DropReason.TunnelHeader },
        { "a checksum that is cut off", new(), OuterGre([], Checksum, EtherType.IPv4), DropReason.TunnelHeader },
        { "a key that is cut off", new(), OuterGre([1, 2], Key, EtherType.IPv4), DropReason.TunnelHeader },
        { "a number that is cut off", new(), OuterGre([1], Sequence, EtherType.IPv4), DropReason.TunnelHeader },
        { "a wrong checksum", new() { InputChecksum = true }, OuterGre(Inner(), Checksum, EtherType.IPv4, 0), DropReason.ChecksumError },
        { "a checksum not asked for", new(), Summed(OuterGre(Inner(), Checksum, EtherType.IPv4, 0)), DropReason.ChecksumError },
        { "no checksum", new() { InputChecksum = true }, OuterGre(Inner(), 0, EtherType.IPv4), DropReason.ChecksumError },
        { "no number", new() { InputSequence = true }, OuterGre(Inner(), 0, EtherType.IPv4), DropReason.OutOfSequence },
        { "nothing inside", new(), OuterGre([], 0, EtherType.IPv4), DropReason.InnerHeader },
        { "half an IPv6 header inside", new(), OuterGre(Inner6()[..39], 0, EtherType.IPv6), DropReason.InnerHeader },
        { "IPv6 that is said to be IPv4", new(), OuterGre(Inner6(), 0, EtherType.IPv4), DropReason.InnerProtocol },
        { "protocol 0 that is no keepalive", new(), OuterGre(Inner(), 0, 0), DropReason.InnerProtocol },
        { "WCCP 2 that is cut off", new(), OuterGre([0, 0, 0], 0, Wccp), DropReason.TunnelHeader },
        { "a fragment that nobody put together", new(), With(OuterGre(Inner(), 0, EtherType.IPv4), 6, 0x20), DropReason.OuterHeader },
        { "outer CE, inner Not-ECT", new(), With(OuterGre(Inner(), 0, EtherType.IPv4), 1, 3), DropReason.EcnError },
    };

    [Theory]
    [MemberData(nameof(BadPackets), DisableDiscoveryEnumeration = true)]
    public void A_bad_packet_is_counted_by_its_reason(string what, GreParameters gre, byte[] packet, DropReason reason)
    {
        using var host = new TunnelHost(s_gre with { Gre = gre });
        Assert.Empty(host.FromWire(packet).Delivered);
        var counted = Enum.GetValues<DropReason>().Where(candidate => host.Tunnel.Counters.Dropped(candidate) != 0);
        Assert.True(counted.SequenceEqual([reason]), $"{what}: {string.Join(", ", counted)}");
        Assert.Equal((1, 0), (host.Tunnel.Counters.RxErrors, host.Tunnel.Counters.RxPackets));
    }

    [Theory]
    [InlineData(0x0FF8)] // all that is reserved, RFC 1701's recursion bits included
    [InlineData(0x0800)]
    public void Reserved_bits_are_passed_over(ushort flags)
    {
        using var host = new TunnelHost(s_gre);
        Assert.Equal(Inner(), Assert.Single(host.FromWire(OuterGre(Inner(), flags, EtherType.IPv4)).Delivered));
    }

    [Theory]
    [InlineData(null, 5u)]
    [InlineData(5u, null)]
    [InlineData(5u, 6u)]
    [InlineData(0u, null)]
    public void A_key_that_is_not_the_tunnels_finds_no_tunnel(uint? tunnels, uint? packets)
    {
        using var host = new TunnelHost(s_gre with { Gre = new() { InputKey = tunnels } });
        var packet = packets is { } key ? OuterGre(Inner(), Key, EtherType.IPv4, key) : OuterGre(Inner(), 0, EtherType.IPv4);
        Assert.Empty(host.FromWire(packet).Delivered);
        Assert.Equal(1, host.Engine.Unclaimed);
        Assert.Equal([3, 3], Assert.Single(host.Errors)[20..22]);
    }

    [Fact]
    public void Numbers_may_jump_but_not_go_back_and_wrap_around()
    {
        using var host = new TunnelHost(s_gre with { Gre = new() { InputSequence = true } });
        Assert.Equal(1, Accepted(0xFFFFFFF0));
        Assert.Equal(0, Accepted(0xFFFFFFF0)); // twice
        Assert.Equal(0, Accepted(0xFFFFFF00));
        Assert.Equal(1, Accepted(0xFFFFFFFE));
        Assert.Equal(1, Accepted(0xFFFFFFFF));
        Assert.Equal(1, Accepted(5));
        Assert.Equal(0, Accepted(0xFFFFFFFF));
        Assert.Equal(1, Accepted(6));
        Assert.Equal(3, host.Tunnel.Counters.Dropped(DropReason.OutOfSequence));

        int Accepted(uint number) => host.FromWire(OuterGre(Inner(), Sequence, EtherType.IPv4, number)).Delivered.Count;
    }

    [Fact]
    public void Numbers_that_leave_count_up_segment_by_segment_and_wrap_around()
    {
        using var host = new TunnelHost(s_gre with { Gre = new() { OutputSequence = true } });
        host.Tunnel.NextOutput = 0xFFFFFFFF;
        var sent = host.FromDevice(Inner(), Inner(), Inner()).Sent;
        var numbers = sent.Select(packet => BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(24)));
        Assert.Equal([0xFFFFFFFF, 0, 1], numbers);
    }

    [Theory]
    [InlineData(0)] // version 1: the packet at once
    [InlineData(4)] // version 2: four bytes first
    public void Web_cache_redirection_is_understood(int redirect)
    {
        using var host = new TunnelHost(s_gre);
        var packet = OuterGre([.. new byte[redirect], .. Inner()], 0, Wccp);
        Assert.Equal(Inner(), Assert.Single(host.FromWire(packet).Delivered));
    }

    [Fact]
    public void A_keepalive_goes_back_by_the_header_inside_it()
    {
        using var host = new TunnelHost(s_gre);
        byte[] answer = OuterGre([], 0, 0);
        IPv4Header.Write(answer, 0xC0, answer.Length, 1, false, 255, IpProtocol.Gre, Ip("192.0.2.2"), Ip("192.0.2.1"));
        host.FromWire(OuterGre(answer, 0, EtherType.IPv4));
        Assert.Equal(answer, Assert.Single(host.Sent));
        Assert.Empty(host.Delivered);
    }

    [Theory]
    [InlineData("192.0.2.2", "192.0.2.9", 0)] // not back to whom it came from
    [InlineData("192.0.2.9", "192.0.2.1", 0)]
    [InlineData("192.0.2.2", "192.0.2.1", (ushort)EtherType.IPv4)] // carries something
    public void What_only_looks_like_a_keepalive_is_delivered(string source, string destination, ushort protocol)
    {
        using var host = new TunnelHost(s_gre);
        byte[] inner = OuterGre([], 0, (EtherType)protocol);
        IPv4Header.Write(inner, 0, inner.Length, 1, false, 255, IpProtocol.Gre, Ip(source), Ip(destination));
        Assert.Equal(inner, Assert.Single(host.FromWire(OuterGre(inner, 0, EtherType.IPv4)).Delivered));
        Assert.Empty(host.Sent);
    }

    [Fact]
    public void Mpls_travels_both_ways_by_what_is_known_beside_it()
    {
        byte[] label = [0, 1, 0x41, 64, .. Inner()];
        using var host = new TunnelHost(s_gre);
        using var batch = new PacketBatch();
        Assert.True(batch.TryAdd(label));
        batch[0].Protocol = EtherType.Mpls;
        host.Engine.FromDevice(host.Tunnel, batch);
        var outer = Assert.Single(host.Sent);
        Assert.Equal([0, 0, 0x88, 0x47, .. label], outer[20..]);
        Assert.Equal(64, outer[8]);
        Assert.Equal(label, Assert.Single(host.FromWire(OuterGre(label, 0, EtherType.Mpls)).Delivered));
    }

    [Fact]
    public void Without_a_remote_a_compatible_next_hop_of_ipv6_names_the_far_end()
    {
        using var host = new TunnelHost(s_gre with { Remote = Ip("0.0.0.0") });
        host.Underlay.Gateways[Ip6("fd00::1")] = Ip6("::192.0.2.77");
        host.Underlay.Gateways[Ip6("fd00::5")] = Ip6("fe80::1");
        host.FromDevice(Inner6(), Inner6(destination: "fd00::5"));
        Assert.Equal(Ip("192.0.2.77"), IPv4Address.Read(Assert.Single(host.Sent).AsSpan(16)));
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.NoRoute));
    }

    [Fact]
    public void A_tunnel_to_a_group_sends_to_it_and_hears_everybody()
    {
        using var host = new TunnelHost(s_gre with { Remote = Ip("239.1.1.1"), Ttl = 8 });
        Assert.Equal(Ip("239.1.1.1"), IPv4Address.Read(Assert.Single(host.FromDevice(Inner()).Sent).AsSpan(16)));
        var packet = OuterGre(Inner(), 0, EtherType.IPv4);
        Assert.Single(host.FromWire(packet).Delivered);
        Ip("239.1.1.1").Write(packet.AsSpan(16));
        Assert.Single(host.FromWire(packet).Delivered);
        Assert.Equal((2, 1), (host.Tunnel.Counters.RxPackets, host.Tunnel.Counters.RxMulticast));
        // An error about what went to a group says nothing of anybody.
        host.FromIcmp(IcmpError(OuterGre(Inner(), 0, EtherType.IPv4), type: 3, code: 1));
        Assert.Empty(host.FromDevice(Inner()).Errors);
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    [InlineData(true, true, true)]
    public void Df_is_the_inner_packets_unless_that_is_to_be_ignored(bool pmtudisc, bool ignore, bool df)
    {
        using var host = new TunnelHost(s_gre with { PathMtuDiscovery = pmtudisc, IgnoreDf = ignore });
        Assert.Equal(df, (Assert.Single(host.FromDevice(Inner(df: true)).Sent)[6] & 0x40) != 0);
    }

    [Theory]
    [InlineData(1476, 0, true)]
    [InlineData(1477, 1476, false)]
    public void An_ipv6_packet_that_does_not_fit_is_answered(int length, int announced, bool sent)
    {
        using var host = new TunnelHost(s_gre);
        Assert.Equal(sent ? 1 : 0, host.FromDevice(Inner6(length)).Sent.Count);
        Assert.Equal(announced == 0 ? [] : [announced], host.Errors.Select(error => error[46] << 8 | error[47]));
    }

    [Theory]
    [InlineData(13, DropReason.InnerHeader)]
    [InlineData(0, DropReason.InnerHeader)]
    public void A_frame_shorter_than_its_header_is_counted(int length, DropReason reason)
    {
        using var host = new TunnelHost(s_gretap);
        Assert.Empty(host.FromWire(OuterGre(new byte[length], 0, EtherType.TransparentEthernet)).Delivered);
        Assert.Empty(host.FromDevice(new byte[length]).Sent);
        Assert.Equal(2, host.Tunnel.Counters.Dropped(reason));
    }

    [Fact]
    public void Packets_and_frames_between_the_same_hosts_are_tunnels_of_their_own()
    {
        using var host = new TunnelHost(s_gre);
        var tap = host.AddTunnel(8, s_gretap);
        byte[] frame = [.. new byte[12], 8, 0, .. Inner()];
        host.FromWire(OuterGre(Inner(), 0, EtherType.IPv4), OuterGre(frame, 0, EtherType.TransparentEthernet));
        Assert.Equal((1, 1), (host.Tunnel.Counters.RxPackets, tap.Counters.RxPackets));
        Assert.Equal([Inner(), frame], host.Delivered);
    }

    private static byte[] Summed(byte[] packet)
    {
        var sum = InternetChecksum.Compute(packet.AsSpan(20));
        (packet[24], packet[25]) = ((byte)(sum >> 8), (byte)sum);
        return packet;
    }
}
