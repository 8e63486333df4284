using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>Mutated packets for vti: nothing throws, all is counted, what comes out is well-formed.</summary>
public class VtiHostileTests
{
    private const int Rounds = 1_000_000;

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)] // nothing watches over what is inside, so the mutants reach it
    public void A_million_mutated_packets_are_delivered_whole_or_counted(bool authentic, bool inUdp)
    {
        using var pair = new VtiPair(authentic ? VtiPair.Gcm : VtiPair.Open, state => state with
        {
            ReplayWindow = 0,
            Encapsulation = inUdp ? new(4500, 4500) : null,
        });
        var host = pair.B;
        host.Engine.TryOpenPort(IpAddress.Any(false), 4500, new(UdpServiceKind.Esp));
        byte[][] inner = [Inner(), Inner(length: 21), Inner(length: 300), Inner6(), Inner6(45)];
        byte[][] seeds = [.. inner.Select(pair.Seal)];
        var random = new Random(7);
        using var batch = new PacketBatch();
        var delivered = 0;
        for (var round = 0; round < Rounds; round += batch.Count)
        {
            HostileTests.FillMutated(batch, seeds, random);
            host.Engine.FromWire(batch);
            foreach (var packet in host.Delivered)
            {
                delivered++;
                Assert.True(authentic ? inner.Any(packet.SequenceEqual) : IsWhole(packet));
            }
            Assert.Empty(host.Sent);
            host.Errors.ForEach(error => Assert.True(IsWhole(error))); // an outer packet may have become another tunnel's
        }
        var counters = host.Tunnel.Counters;
        Assert.True(delivered > 0 && counters.RxPackets == delivered && host.Engine.Unclaimed > 0);
        Assert.True(counters.Dropped(DropReason.UnknownSpi) > 0 && counters.Dropped(DropReason.TunnelHeader) > 0);
        Assert.Equal(authentic, counters.Dropped(DropReason.NotAuthentic) > 0);
        Assert.Equal(!authentic, counters.Dropped(DropReason.InnerHeader) > 0);
    }

    [Fact]
    public void Mutated_inner_packets_are_sealed_well_formed_or_counted()
    {
        using var pair = new VtiPair();
        byte[][] seeds = [Inner(), Inner6(), Inner(1600), Inner6(1600), Inner(9000)];
        var random = new Random(8);
        using var batch = new PacketBatch();
        for (var round = 0; round < Rounds; round += batch.Count)
        {
            HostileTests.FillMutated(batch, seeds, random);
            pair.A.Engine.FromDevice(pair.A.Tunnel, batch);
            foreach (var packet in pair.A.Sent)
            {
                Assert.True(IPv4Header.TryParse(packet, out var outer) && outer.HasValidChecksum && packet.Length <= 1500);
                Assert.Equal((packet.Length, IpProtocol.Esp), (outer.TotalLength, outer.Protocol));
            }
            pair.A.Errors.ForEach(error => Assert.True(IsWhole(error)));
        }
        Assert.True(pair.A.Tunnel.Counters is { TxPackets: > 0, TxErrors: > 0 });
    }

    private static bool IsWhole(byte[] packet) =>
        IPv4Header.TryParse(packet, out var ipv4) && ipv4.TotalLength == packet.Length ||
        IPv6Header.TryParse(packet, out var ipv6) && ipv6.PayloadLength + IPv6Header.Size == packet.Length;
}
