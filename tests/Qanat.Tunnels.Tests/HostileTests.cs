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

    private static void FillMutated(PacketBatch batch, byte[][] seeds, Random random)
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
