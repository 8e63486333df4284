using System.Buffers.Binary;
using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>Mutated packets at every way into the engine: nothing throws, all is counted, what comes out is well-formed.</summary>
public class HostileTests
{
    private const int Rounds = 400_000;

    [Fact]
    public void Mutated_outer_packets_are_delivered_whole_or_counted()
    {
        using var host = new TunnelHost(new() { Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") });
        var random = new Random(1);
        byte[][] seeds = [Outer(Inner()), Outer(Outer(Inner())), Outer(Inner(length: 1480)), Outer(Inner(length: 20)), Outer([])];
        using var batch = new PacketBatch();
        for (var round = 0; round < Rounds; round += batch.Count)
        {
            FillMutated(batch, seeds, random);
            host.Engine.FromWire(batch);
            foreach (var packet in host.Delivered)
                Assert.True(IPv4Header.TryParse(packet, out var inner) && inner.TotalLength == packet.Length);
            Assert.All(host.Errors, error =>
                Assert.True(IPv4Header.TryParse(error, out var ip) && ip.HasValidChecksum || IPv6Header.TryParse(error, out _)));
        }
        var counters = host.Tunnel.Counters;
        Assert.True(counters.RxPackets > 0);
        Assert.True(counters.Dropped(DropReason.InnerHeader) > 0 && counters.Dropped(DropReason.InnerProtocol) > 0);
        Assert.True(host.Engine.Malformed > 0 && host.Engine.Unclaimed > 0);
    }

    [Fact]
    public void Mutated_inner_packets_and_offload_facts_are_sent_well_formed_or_counted()
    {
        using var host = new TunnelHost(new() { Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1"), Tos = 1, PathMtuDiscovery = false });
        var random = new Random(2);
        byte[][] seeds = [Inner(), Outer(Inner()), Inner(length: 1480), Inner(length: 9000), Inner(length: 20)];
        using var batch = new PacketBatch();
        for (var round = 0; round < Rounds; round += batch.Count)
        {
            FillMutated(batch, seeds, random);
            for (var i = 0; i < batch.Count; i++)
                if (random.Next(3) == 0)
                    batch[i] = batch[i] with
                    {
                        Gso = (GsoType)random.Next(6),
                        GsoSize = (ushort)random.Next(2000),
                        Checksum = (ChecksumState)random.Next(3),
                        ChecksumStart = (ushort)random.Next(100),
                        ChecksumOffset = (ushort)random.Next(100),
                    };
            host.Engine.FromDevice(host.Tunnel, batch);
            foreach (var packet in host.Sent)
            {
                Assert.True(IPv4Header.TryParse(packet, out var outer) && outer.HasValidChecksum);
                Assert.Equal((packet.Length, IpProtocol.IpIp), (outer.TotalLength, outer.Protocol));
                Assert.True(packet.Length <= 1500);
            }
        }
        Assert.True(host.Tunnel.Counters.TxPackets > 0 && host.Tunnel.Counters.Dropped(DropReason.InnerHeader) > 0);
    }

    [Fact]
    public void Mutated_icmp_errors_change_nothing_but_what_they_may()
    {
        using var host = new TunnelHost(new() { Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") });
        var random = new Random(3);
        var outer = host.FromDevice(Inner()).Sent[0];
        byte[][] seeds = [IcmpError(outer, 3, 4, mtu: 1400), IcmpError(outer, 3, 1), IcmpError(outer, 11, 0), IcmpError(Inner(), 3, 1)];
        using var batch = new PacketBatch();
        for (var round = 0; round < Rounds; round += batch.Count)
        {
            FillMutated(batch, seeds, random);
            host.Engine.FromIcmp(batch);
        }
        host.FromDevice(Inner(length: PathMtuTable.Minimum - 20));
        Assert.Single(host.Sent);
    }

    private const int ModeRounds = 1_000_000;

    private static readonly TunnelParameters s_sit = new() { Mode = TunnelMode.Sit, Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") };
    private static readonly GreParameters s_fields = new() { InputKey = 5, InputChecksum = true, InputSequence = true };

    public static TheoryData<string, TunnelParameters, byte[][]> Modes => new()
    {
        {
            "gre", s_sit with { Mode = TunnelMode.Gre },
            [
                OuterGre(Inner(), 0, EtherType.IPv4), OuterGre(Inner6(), 0, EtherType.IPv6), OuterGre(Inner(), 0, (EtherType)0x883E),
                OuterGre(OuterGre([], 0, 0), 0, EtherType.IPv4), OuterGre(Inner(), 0x2000, EtherType.IPv4, 7),
            ]
        },
        {
            "gre with all fields", s_sit with { Mode = TunnelMode.Gre, Gre = s_fields },
            [.. Sent(s_sit with { Mode = TunnelMode.Gre, Gre = new() { OutputKey = 5, OutputChecksum = true, OutputSequence = true } })]
        },
        {
            "gretap", s_sit with { Mode = TunnelMode.Gretap },
            [
                OuterGre([.. new byte[12], 8, 0, .. Inner()], 0, EtherType.TransparentEthernet),
                OuterGre([.. new byte[12], 0x81, 0, 0, 5, 0x86, 0xDD, .. Inner6()], 0, EtherType.TransparentEthernet),
            ]
        },
        { "sit", s_sit, [Outer6(Inner6()), Outer6(Inner6(1300)), Outer6([]), Outer6(Inner())] },
        {
            "6rd", s_sit with { Remote = Ip("0.0.0.0"), Sit = new() { Prefix = Ip6("2001:db8::"), PrefixLength = 32 } },
            [Outer6(Inner6(source: "2001:db8:c000:201::1", destination: "2001:db8:c000:202::1")), Outer6(Inner6())]
        },
        {
            "isatap",
            s_sit with { Mode = TunnelMode.Isatap, Remote = Ip("0.0.0.0"), Sit = new() { Routers = [new(Ip("192.0.2.1"), true)] } },
            [
                Outer6(Inner6(source: "fe80::5efe:c000:209"), source: "192.0.2.9"), Outer6(Inner6()),
                Outer6(With(Inner6(hopLimit: 255, source: "fe80::5efe:c000:201", protocol: IpProtocol.Icmpv6), 40, 134)),
            ]
        },
        { "minimal", s_sit with { Mode = TunnelMode.Minimal }, [.. Sent(s_sit with { Mode = TunnelMode.Minimal }), Outer(Inner())] },
    };

    [Theory]
    [MemberData(nameof(Modes), DisableDiscoveryEnumeration = true)]
    public void A_million_mutated_packets_of_a_mode_are_delivered_whole_or_counted(string mode, TunnelParameters parameters, byte[][] seeds)
    {
        using var host = new TunnelHost(parameters);
        host.Underlay.OnDevice.Add((Ip6("fe80::5efe:c000:202"), 64));
        var random = new Random(4);
        using var batch = new PacketBatch();
        var delivered = 0;
        for (var round = 0; round < ModeRounds; round += batch.Count)
        {
            FillMutated(batch, seeds, random);
            host.Engine.FromWire(batch);
            foreach (var packet in host.Delivered)
            {
                delivered++;
                Assert.True(IsWhole(packet, parameters.Mode));
            }
            host.Sent.ForEach(answer => Assert.True(IPv4Header.TryParse(answer, out var ip) && ip.Protocol == IpProtocol.Gre));
            host.Errors.ForEach(error => Assert.True(IsWhole(error, TunnelMode.Ipip))); // an outer packet may have become one of IPv6
        }
        var counters = host.Tunnel.Counters;
        Assert.True(delivered > 0 && counters.RxPackets >= delivered && counters.RxErrors > 0 && host.Engine.Unclaimed > 0, mode);
    }

    [Theory]
    [InlineData(TunnelMode.Gre)]
    [InlineData(TunnelMode.Gretap)]
    [InlineData(TunnelMode.Sit)]
    [InlineData(TunnelMode.Isatap)]
    [InlineData(TunnelMode.Minimal)]
    public void Mutated_inner_packets_of_a_mode_are_sent_well_formed_or_counted(TunnelMode mode)
    {
        using var host = new TunnelHost(s_sit with { Mode = mode, Remote = Ip(mode == TunnelMode.Isatap ? "0.0.0.0" : "192.0.2.1") });
        var random = new Random(5);
        byte[][] seeds =
            [Inner(), Inner6(), Inner6(destination: "fe80::5efe:c000:209"), [.. new byte[12], 8, 0, .. Inner()], Inner(1600), Inner6(1600)];
        using var batch = new PacketBatch();
        for (var round = 0; round < Rounds; round += batch.Count)
        {
            FillMutated(batch, seeds, random);
            host.Engine.FromDevice(host.Tunnel, batch);
            foreach (var packet in host.Sent)
                Assert.True(IPv4Header.TryParse(packet, out var outer) && outer.HasValidChecksum && packet.Length <= 1500);
            host.Errors.ForEach(error => Assert.True(IsWhole(error, TunnelMode.Ipip)));
        }
        Assert.True(host.Tunnel.Counters.TxPackets > 0 && host.Tunnel.Counters.TxErrors > 0);
    }

    [Theory]
    [InlineData(TunnelMode.Sit)]
    [InlineData(TunnelMode.Gre)]
    public void Mutated_icmp_errors_are_translated_well_formed(TunnelMode mode)
    {
        using var host = new TunnelHost(s_sit with { Mode = mode });
        var random = new Random(6);
        var outer = Assert.Single(host.FromDevice(Inner6(400)).Sent);
        byte[][] seeds =
            [IcmpError(outer, 3, 1), IcmpError(outer, 11, 0), IcmpError(outer[..40], 3, 0), With(IcmpError(outer, 11, 0), 25, 32)];
        using var batch = new PacketBatch();
        var translated = 0;
        for (var round = 0; round < Rounds; round += batch.Count)
        {
            FillMutated(batch, seeds, random);
            for (var i = 0; i < batch.Count; i++)
                if (batch.Bytes(i) is { Length: > 28 } error)
                {
                    error[22..24].Clear();
                    BinaryPrimitives.WriteUInt16BigEndian(error[22..], InternetChecksum.Compute(error[20..]));
                }
            host.Engine.FromIcmp(batch);
            host.Time.Advance(TimeSpan.FromSeconds(1));
            foreach (var error in host.Errors)
            {
                translated++;
                Assert.True(IPv6Header.TryParse(error, out var ip) && ip.PayloadLength + 40 == error.Length);
                Assert.True(Icmpv6Header.TryParse(ip.Payload, out var icmp) && icmp.HasValidChecksum(ip.Source, ip.Destination));
            }
        }
        Assert.True(translated > 0);
    }

    private static bool IsWhole(byte[] packet, TunnelMode mode) => mode == TunnelMode.Gretap
        ? packet.Length >= EthernetHeader.MinSize
        : packet.Length > 0 && (packet[0] >> 4) switch
        {
            4 => IPv4Header.TryParse(packet, out var ipv4) && ipv4.TotalLength == packet.Length,
            6 => IPv6Header.TryParse(packet, out var ipv6) && ipv6.PayloadLength + IPv6Header.Size == packet.Length,
            _ => mode == TunnelMode.Gre,
        } || mode == TunnelMode.Gre;

    // What the far end of such a tunnel sends.
    private static List<byte[]> Sent(TunnelParameters parameters)
    {
        using var far = new TunnelHost(parameters with { Local = parameters.Remote, Remote = parameters.Local });
        return far.FromDevice(Inner(), Inner(length: 1400), Inner(source: "192.0.2.1")).Sent;
    }

    /// <summary>Fills a batch with packets that are the seeds but for some bytes, or their ends.</summary>
    internal static void FillMutated(PacketBatch batch, byte[][] seeds, Random random)
    {
        batch.Clear();
        Span<byte> scratch = stackalloc byte[9000];
        while (batch.Count < 64)
        {
            var seed = seeds[random.Next(seeds.Length)];
            var length = random.Next(4) == 0 ? random.Next(seed.Length + 1) : seed.Length;
            var packet = scratch[..length];
            seed.AsSpan(0, length).CopyTo(packet);
            for (var flips = random.Next(4); flips > 0 && length > 0; flips--)
                packet[random.Next(Math.Min(length, random.Next(2) == 0 ? 24 : 64))] = (byte)random.Next(256);
            Assert.True(batch.TryAdd(packet));
        }
    }
}
