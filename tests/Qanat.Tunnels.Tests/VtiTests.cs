using System.Buffers.Binary;
using Qanat.Ipsec;
using Qanat.Packets;
using Qanat.Testing;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>What vti and vti6 do with single packets, beyond what the captures of real kernels show.</summary>
public partial class VtiTests
{
    [Fact]
    public void Without_a_state_the_sender_hears_that_the_host_is_unreachable()
    {
        using var pair = new VtiPair();
        pair.DeleteState(pair.A, fromA: true, VtiPair.SpiOfA);
        Assert.Empty(pair.A.FromDevice(Inner(), Inner6()).Sent);

        var errors = pair.A.Errors;
        Assert.True(IPv4Header.TryParse(errors[0], out var ip) && ip.Destination == Ip("10.0.0.2"));
        Assert.Equal([3, 1], ip.Payload[..2].ToArray());
        Assert.True(IPv6Header.TryParse(errors[1], out var ip6) && ip6.Destination == Ip6("fd00::2"));
        Assert.Equal([1, 3], ip6.Payload[..2].ToArray());
        Assert.Equal((2, 2), (Dropped(pair.A, DropReason.NoState), pair.A.Tunnel.Counters.TxErrors));
        Assert.Equal(2, pair.A.Engine.Ipsec.Counters[XfrmReason.XfrmOutNoStates]);
    }

    [Fact]
    public void Nothing_leaves_unprotected_where_no_policy_has_the_mark()
    {
        using var pair = new VtiPair();
        pair.A.Engine.Change(pair.A.Tunnel, pair.A.Tunnel.Parameters with { Gre = new() { InputKey = 42, OutputKey = 43 } });
        Assert.Empty(pair.A.FromDevice(Inner()).Sent);
        Assert.Equal(1, Dropped(pair.A, DropReason.NoState));
    }

    [Fact]
    public void A_state_between_other_ends_than_the_tunnels_is_not_used()
    {
        using var pair = new VtiPair();
        pair.A.Engine.Change(pair.A.Tunnel, pair.A.Tunnel.Parameters with { Remote = Ip("192.0.2.9") });
        Assert.Empty(pair.A.FromDevice(Inner()).Sent);
        Assert.Equal(1, Dropped(pair.A, DropReason.NoState));
    }

    public static TheoryData<string, Func<byte[], byte[]>, DropReason> BadPackets => new()
    {
        { "another SPI", packet => With(packet, 23, 7), DropReason.UnknownSpi },
        { "no room for an SPI", packet => Cut(packet, 27), DropReason.TunnelHeader },
        { "no room for the vector", packet => Cut(packet, 32), DropReason.TunnelHeader },
        { "nothing between vector and check value", packet => Cut(packet, 20 + 16 + 16), DropReason.TunnelHeader },
        { "cut short on the way, and made whole again", packet => Cut(packet, packet.Length - 4), DropReason.NotAuthentic },
        { "another sequence number", packet => With(packet, 27, 9), DropReason.NotAuthentic },
        { "another vector", packet => With(packet, 30, (byte)~packet[30]), DropReason.NotAuthentic },
        { "another byte inside", packet => With(packet, 40, (byte)~packet[40]), DropReason.NotAuthentic },
        { "another check value", packet => With(packet, packet.Length - 1, (byte)~packet[^1]), DropReason.NotAuthentic },
        { "a fragment that nobody put together", packet => With(packet, 6, 0x20), DropReason.OuterHeader },
        { "outer total length past the end", packet => packet[..^1], DropReason.OuterHeader },
    };

    [Theory]
    [MemberData(nameof(BadPackets), DisableDiscoveryEnumeration = true)]
    public void A_bad_packet_is_counted_by_its_reason_and_answered_by_nothing(string what, Func<byte[], byte[]> change, DropReason reason)
    {
        using var pair = new VtiPair();
        var packet = pair.Seal(Inner());
        Assert.Empty(pair.B.FromWire(change([.. packet])).Delivered);
        Assert.True(Dropped(pair.B, reason) == 1, what);
        Assert.Equal((1, 0), (pair.B.Tunnel.Counters.RxErrors, pair.B.Tunnel.Counters.RxPackets));
        Assert.Empty(pair.B.Errors);
        Assert.Single(pair.B.FromWire(packet).Delivered); // what was wrong has spoilt nothing
    }

    public static TheoryData<string, byte[], IpProtocol, DropReason> BadContents => new()
    {
        { "half a header", Inner()[..19], IpProtocol.IpIp, DropReason.IpsecRefused },
        { "no IP at all", new byte[60], IpProtocol.IpIp, DropReason.InnerHeader },
        { "total length past the end", Inner()[..50], IpProtocol.IpIp, DropReason.InnerHeader },
        { "what is no tunnel's", Inner(), IpProtocol.Udp, DropReason.IpsecRefused },
    };

    [Theory]
    [MemberData(nameof(BadContents), DisableDiscoveryEnumeration = true)]
    public void Authentic_nonsense_is_counted_by_its_reason(string what, byte[] payload, IpProtocol nextHeader, DropReason reason)
    {
        using var pair = new VtiPair();
        Assert.Empty(pair.B.FromWire(pair.Seal(payload, nextHeader)).Delivered);
        Assert.True(Dropped(pair.B, reason) == 1, what);
        Assert.Equal(1, pair.B.Tunnel.Counters.RxErrors);
    }

    [Fact]
    public void Padding_that_is_not_what_it_says_is_counted()
    {
        using var pair = new VtiPair(VtiPair.Open);
        var packet = pair.Seal(Inner(length: 61)); // one byte of padding
        Assert.Equal([1, 1, 4], packet[^3..]);
        Assert.Empty(pair.B.FromWire(With([.. packet], packet.Length - 3, 7), With([.. packet], packet.Length - 2, 200)).Delivered);
        Assert.Equal((2, 2), (Dropped(pair.B, DropReason.TunnelHeader), pair.B.Tunnel.Counters.RxErrors));
        Assert.Single(pair.B.FromWire(packet).Delivered);
    }

    [Fact]
    public void Bytes_that_hide_how_long_a_packet_is_are_cut_off_and_dummies_are_no_errors()
    {
        using var pair = new VtiPair();
        var inner = Inner();
        Assert.Equal(inner, Assert.Single(pair.B.FromWire(pair.Seal([.. inner, .. new byte[40]], IpProtocol.IpIp)).Delivered));
        Assert.Empty(pair.B.FromWire(pair.Seal(new byte[40], IpProtocol.NoNextHeader)).Delivered);
        Assert.Equal((1, 0), (pair.B.Tunnel.Counters.RxPackets, pair.B.Tunnel.Counters.RxErrors));
    }

    [Fact]
    public void What_arrives_again_or_is_older_than_the_window_is_counted()
    {
        using var pair = new VtiPair();
        var sent = Enumerable.Range(0, 40).Select(_ => pair.Seal(Inner())).ToArray();
        Assert.Equal(2, pair.B.FromWire([.. sent[1]], [.. sent[39]]).Delivered.Count);
        Assert.Empty(pair.B.FromWire([.. sent[39]], sent[1], sent[0]).Delivered);
        Assert.Equal(3, Dropped(pair.B, DropReason.Replayed));
        Assert.Single(pair.B.FromWire(sent[20]).Delivered);
    }

    [Fact]
    public void Extended_sequence_numbers_pass_the_thirty_second_bit()
    {
        using var pair = new VtiPair(change: state => state with
        {
            Flags = state.Flags | XfrmStateFlags.Esn,
            OutputSequence = uint.MaxValue - 2,
            InputSequence = uint.MaxValue - 2,
        });
        for (var i = 0; i < 6; i++)
            Assert.Single(pair.B.FromWire(pair.Seal(Inner())).Delivered);
        Assert.Equal(0, pair.B.Tunnel.Counters.RxErrors);
    }

    [Fact]
    public void What_no_policy_asks_for_is_refused()
    {
        using var pair = new VtiPair();
        pair.B.Engine.Ipsec.Policies.Flush();
        Assert.Empty(pair.B.FromWire(pair.Seal(Inner())).Delivered);
        Assert.Equal((1, 1), (Dropped(pair.B, DropReason.PolicyRefused), pair.B.Tunnel.Counters.RxErrors));
        Assert.Equal(1, pair.B.Engine.Ipsec.Counters[XfrmReason.XfrmInNoPols]);
    }

    [Fact]
    public void A_state_for_other_inner_packets_refuses_these()
    {
        var narrow = new Selector
        {
            Family = System.Net.Sockets.AddressFamily.InterNetwork,
            Source = new(Ip("10.0.0.2"), 32),
            Destination = new(Ip("10.0.0.0"), 24),
        };
        using var pair = new VtiPair();
        pair.DeleteState(pair.B, fromA: true, VtiPair.SpiOfA);
        pair.AddState(pair.B, fromA: true, VtiPair.SpiOfA, change: state => state with { Selector = narrow });
        Assert.Single(pair.B.FromWire(pair.Seal(Inner())).Delivered);
        Assert.Empty(pair.B.FromWire(pair.Seal(Inner(source: "10.0.0.3")), pair.Seal(Inner6())).Delivered);
        Assert.Equal((1, 1), (Dropped(pair.B, DropReason.PolicyRefused), Dropped(pair.B, DropReason.IpsecRefused)));
    }

    [Fact]
    public void Nobody_is_told_of_esp_for_no_tunnel()
    {
        using var pair = new VtiPair();
        var packet = pair.Seal(Inner());
        pair.B.Engine.Remove(pair.B.Tunnel);
        pair.B.FromWire(packet);
        Assert.Empty(pair.B.Errors);
        Assert.Equal(1, pair.B.Engine.Unclaimed);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(0xB8, 0xB8)]
    [InlineData(0xBB, 0xBA)]
    public void Congestion_experienced_is_not_sealed_as_such(byte inner, byte outer)
    {
        using VtiPair pair = new(), pair6 = new(overIPv6: true);
        Assert.Equal(outer, pair.Seal(Inner(tos: inner))[1]);
        Assert.Equal(outer, pair.Seal(Inner6(tos: inner))[1]);
        Assert.True(IPv6Header.TryParse(pair6.Seal(Inner(tos: inner)), out var over6));
        Assert.Equal(outer, over6.TrafficClass);
    }

    [Theory]
    [InlineData(0, 0)] // as the kernel: IPsec drops nothing for it
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    [InlineData(0xBA, 0xBB)]
    public void Congestion_on_the_outer_path_reaches_the_inner_packet_if_it_may(byte inner, byte arrivesAs)
    {
        using var pair = new VtiPair();
        var (packet, packet6) = (pair.Seal(Inner(tos: inner)), pair.Seal(Inner6(tos: inner)));
        var delivered = pair.B.FromWire(With(packet, 1, 3), With(packet6, 1, 3)).Delivered;
        Assert.Equal([Inner(tos: arrivesAs), Inner6(tos: arrivesAs)], delivered);
    }

    [Fact]
    public void A_super_packet_leaves_as_segments_each_sealed_by_itself()
    {
        using var pair = new VtiPair();
        const int payload = 3500;
        var super = new byte[40 + payload];
        for (var i = 0; i < payload; i++)
            super[40 + i] = (byte)(i * 7);
        IPv4Header.Write(super, 0, super.Length, 100, true, 64, IpProtocol.Tcp, Ip("10.0.0.2"), Ip("10.0.0.1"));
        (super[32], super[33]) = (5 << 4, (byte)TcpFlags.Ack);
        using var batch = new PacketBatch();
        Assert.True(batch.TryAdd(super));
        batch[0] = batch[0] with
        {
            Gso = GsoType.TcpV4,
            GsoSize = 1000,
            Checksum = ChecksumState.Partial,
            ChecksumStart = 20,
            ChecksumOffset = 16,
        };
        pair.A.Engine.FromDevice(pair.A.Tunnel, batch);

        var sent = pair.A.Sent;
        Assert.Equal([1, 2, 3, 4], sent.Select(packet => BinaryPrimitives.ReadInt32BigEndian(packet.AsSpan(24))));
        var delivered = pair.B.FromWire([.. sent]).Delivered;
        Assert.Equal([1040, 1040, 1040, 540], delivered.Select(packet => packet.Length));
        Assert.Equal(super[40..], delivered.SelectMany(packet => packet[40..]));
        Assert.Equal((4, 4), (pair.A.Tunnel.Counters.TxPackets, pair.B.Tunnel.Counters.RxPackets));
    }

    [Fact]
    public void Keys_are_exchanged_under_traffic_without_losing_a_packet()
    {
        using var pair = new VtiPair();
        const uint next = 0x101;
        var (sent, delivered) = (0, 0);
        List<byte[]> late = [];

        Exchange();
        pair.AddState(pair.B, fromA: true, next);
        Exchange();
        late.AddRange(Enumerable.Range(0, 8).Select(_ => pair.Seal(Inner()))); // under way while the keys change
        pair.AddState(pair.A, fromA: true, next);
        Exchange();
        Assert.Equal(next, BinaryPrimitives.ReadUInt32BigEndian(pair.Seal(Inner()).AsSpan(20)));
        late.Reverse();
        delivered += pair.B.FromWire([.. late]).Delivered.Count;
        sent += late.Count;
        pair.DeleteState(pair.A, fromA: true, VtiPair.SpiOfA);
        Exchange();
        pair.DeleteState(pair.B, fromA: true, VtiPair.SpiOfA);
        Exchange();
        Assert.Equal((48, 48), (sent, delivered));
        Assert.Equal((0, 0), (pair.A.Tunnel.Counters.TxErrors, pair.B.Tunnel.Counters.RxErrors));

        void Exchange()
        {
            for (var i = 0; i < 8; i++, sent++)
                delivered += pair.B.FromWire(pair.Seal(Inner())).Delivered.Count;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Esp_in_udp_has_a_checksum_only_over_IPv6(bool overIPv6)
    {
        using var pair = new VtiPair(change: state => state with { Encapsulation = new(4500, 4501) }, overIPv6: overIPv6);
        pair.B.Engine.TryOpenPort(IpAddress.Any(overIPv6), 4501, new(UdpServiceKind.Esp));
        var inner = Inner();
        var packet = pair.Seal(inner);
        Assert.True(UdpHeader.TryParse(packet.AsSpan(overIPv6 ? 40 : 20), out var udp));
        Assert.Equal((4500, 4501, 8 + 8 + 8 + 64 + 16), (udp.SourcePort, udp.DestinationPort, udp.Length));
        Assert.True(overIPv6 ? HasValidUdpChecksum(packet) : udp.Checksum == 0);
        Assert.Equal(inner, Assert.Single(pair.B.FromWire(packet).Delivered));
    }

    [Fact]
    public void Key_exchange_and_keepalives_on_the_port_of_esp_are_let_alone()
    {
        using var pair = new VtiPair(change: state => state with { Encapsulation = new(4500, 4500) });
        pair.B.Engine.TryOpenPort(IpAddress.Any(false), 4500, new(UdpServiceKind.Esp));
        pair.B.FromWire(InUdp([0xFF]), InUdp(new byte[40]), InUdp([0, 0, 0]));
        Assert.Equal((0, 0), (pair.B.Tunnel.Counters.RxErrors, pair.B.Engine.Malformed));
    }

    [Fact]
    public void Esp_in_udp_is_no_other_than_its_state_has_it()
    {
        using VtiPair bare = new(), wrapped = new(change: state => state with { Encapsulation = new(4500, 4500) });
        bare.B.Engine.TryOpenPort(IpAddress.Any(false), 4500, new(UdpServiceKind.Esp));
        Assert.Empty(bare.B.FromWire(wrapped.Seal(Inner())).Delivered);
        Assert.Empty(wrapped.B.FromWire(bare.Seal(Inner())).Delivered);
        Assert.Equal((1, 1), (Dropped(bare.B, DropReason.IpsecRefused), Dropped(wrapped.B, DropReason.IpsecRefused)));
    }

    [Fact]
    public void Datagrams_of_esp_that_the_kernel_has_joined_are_taken_apart()
    {
        using var pair = new VtiPair(change: state => state with { Encapsulation = new(4500, 4500) });
        pair.B.Engine.TryOpenPort(IpAddress.Any(false), 4500, new(UdpServiceKind.Esp));
        var inner = new[] { Inner(900), Inner(900), Inner(500) };
        var datagrams = inner.Select(packet => pair.Seal(packet)[28..]).ToArray();
        using var batch = new PacketBatch();
        Assert.True(batch.TryAdd(InUdp([.. datagrams.SelectMany(datagram => datagram)])));
        batch[0] = batch[0] with { Gso = GsoType.UdpL4, GsoSize = (ushort)datagrams[0].Length };
        pair.B.Engine.FromWire(batch);
        Assert.Equal(inner, pair.B.Delivered);
    }

    [Fact]
    public void An_encapsulation_limit_is_no_matter_of_vti6()
    {
        using var pair = new VtiPair(overIPv6: true);
        byte[] inner = [.. Inner6(48), .. new byte[60]];
        inner[IPv6Header.NextHeaderOffset] = (byte)IpProtocol.DestinationOptions;
        byte[] limit = [(byte)IpProtocol.Udp, 0, 4, 1, 0, 1, 1, 0];
        limit.CopyTo(inner, 40);
        inner[5] = (byte)(inner.Length - 40);
        Assert.Equal(inner, Assert.Single(pair.B.FromWire(pair.Seal(inner)).Delivered));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_packet_costs_an_allocation_either_way(bool inUdp)
    {
        Func<SecurityAssociationParameters, SecurityAssociationParameters> change =
            state => state with { ReplayWindow = 0, Encapsulation = Ports(inUdp ? 4500 : null) };
        using var pair = new VtiPair(change: change);
        using PacketBatch inner = new(), outer = new(), received = new(), sending = new(), reporting = new(), delivering = new();
        var (wire, device) = (new SinkPort(), new SinkPort());
        using var engine = new TunnelEngine(new FakeUnderlay(), new(wire, sending), new(new SinkPort(), reporting), new ManualTime());
        var tunnel = new Tunnel(7, "vti", pair.B.Tunnel.Parameters) { Up = true, Device = new(device, delivering) };
        engine.Add(tunnel);
        engine.TryOpenPort(IpAddress.Any(false), 4500, new(UdpServiceKind.Esp));
        pair.Configure(engine, isA: false, change: change);
        for (var i = 0; i < 32; i++)
        {
            Assert.True(inner.TryAdd(i % 2 == 0 ? Inner(1400) : Inner6()));
            Assert.True(outer.TryAdd(pair.Seal(i % 2 == 0 ? Inner(1400) : Inner6())));
        }

        Pass(200);
        Allocations.AssertNone(packets: 2 * 200 * 32, () => Pass(200));
        Assert.Equal((400 * 32, 400 * 32), (wire.Taken, device.Taken));

        void Pass(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                engine.FromDevice(tunnel, inner);
                received.Clear();
                for (var packet = 0; packet < outer.Count; packet++) // they are opened in place
                    received.TryAdd(outer.Bytes(packet));
                engine.FromWire(received);
            }
        }
    }

    private static UdpEncapsulation? Ports(int? port) => port is { } number ? new((ushort)number, (ushort)number) : null;

    private static byte[] Cut(byte[] packet, int length)
    {
        packet = packet[..length];
        IPv4Header.SetTotalLength(packet, length);
        IPv4Header.UpdateChecksum(packet);
        return packet;
    }

    private static byte[] InUdp(byte[] payload)
    {
        var datagram = new byte[UdpHeader.Size + payload.Length];
        UdpHeader.Write(datagram, 4500, 4500, datagram.Length);
        payload.CopyTo(datagram, UdpHeader.Size);
        return Outer(datagram, "192.0.2.2", "192.0.2.1", protocol: (byte)IpProtocol.Udp);
    }

    private static bool HasValidUdpChecksum(byte[] packet) =>
        IPv6Header.TryParse(packet, out var ip) && (packet[46] | packet[47]) != 0 && InternetChecksum.IsValid(
            InternetChecksum.Sum(ip.Payload) + InternetChecksum.PseudoHeader(ip.Source, ip.Destination, IpProtocol.Udp, ip.Payload.Length));

    private static long Dropped(TunnelHost host, DropReason reason) => host.Tunnel.Counters.Dropped(reason);
}
