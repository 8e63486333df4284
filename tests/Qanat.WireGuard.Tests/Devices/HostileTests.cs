using Qanat.Crypto;
using Qanat.Packets;
using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

public class HostileTests
{
    [Fact]
    public void Random_bytes_and_wrong_sizes_are_counted_and_harm_nothing()
    {
        using var hosts = new TwoHosts().Connect();
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var datagram = new byte[random.Next(0, 200)];
            random.NextBytes(datagram);
            if (datagram.Length > 4 && random.Next(2) == 0)
                (datagram[0], datagram[1], datagram[2], datagram[3]) = ((byte)random.Next(6), 0, 0, 0);
            hosts.Right.Receive(datagram, new(new IPv4Address((uint)random.Next()), (ushort)random.Next(65536)));
        }
        Assert.True(hosts.Right.Device.Counters.Dropped(DropReason.Malformed) > 5_000);
        Assert.True(hosts.Right.Device.Counters.Dropped(DropReason.UnknownIndex) > 500);
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(0.1);
        Assert.Equal([1UL], hosts.Right.Arrived);
    }

    [Fact]
    public void Messages_that_somebody_changes_cut_or_repeats_harm_nothing()
    {
        using var hosts = new TwoHosts();
        var random = new Random(2);
        List<byte[]> genuine = [];
        hosts.Network.Sent = (_, _, datagram) => genuine.Add(datagram);
        for (var i = 0UL; i < 2_000; i++)
        {
            if (i % 100 == 0)
                hosts.Left.Send(hosts.Right, i);
            hosts.Network.Run(1);
            var datagram = (byte[])genuine[random.Next(genuine.Count)].Clone();
            datagram = datagram[..random.Next(datagram.Length + 1)];
            if (datagram.Length > 0)
                datagram[random.Next(datagram.Length)] ^= (byte)random.Next(256);
            (random.Next(2) == 0 ? hosts.Right : hosts.Left).Receive(datagram, hosts.Left.Here with { Port = 4 });
        }
        Assert.Equal(Enumerable.Range(0, 20).Select(i => 100 * (ulong)i), hosts.Right.Arrived);
    }

    [Theory]
    [InlineData(new byte[] { 0x45 })]
    [InlineData(new byte[] { 0x45, 0, 0, 21, 0, 0, 0, 0, 64, 253, 0, 0, 10, 0, 0, 0, 10, 0, 0, 1 })]
    [InlineData(new byte[] { 0x55, 0, 0, 20, 0, 0, 0, 0, 64, 253, 0, 0, 10, 0, 0, 0, 10, 0, 0, 1 })]
    [InlineData(new byte[] { })]
    public void What_is_no_IP_packet_is_not_sent(byte[] packet)
    {
        using var hosts = new TwoHosts().Connect();
        using var batch = new PacketBatch(1, 4096);
        batch.TryAdd(packet);
        hosts.Left.Device.FromDevice(batch);
        Assert.Equal(1, hosts.Left.Device.Counters.Dropped(DropReason.InnerHeader));
        Assert.Empty(hosts.Seen);
    }

    [Fact]
    public void A_peer_that_sends_what_is_no_packet_is_counted()
    {
        using var hosts = new TwoHosts().Connect();
        var keypair = hosts.RightAtLeft.Keypairs.Current!;
        using var crew = new AeadCrew(helpers: 0);
        using var outgoing = new Outgoing(hosts.Left, crew);
        outgoing.Add(hosts.Right.Here, keypair, 40, 48, trafficClass: 0).Fill(0xEE);
        outgoing.Flush();
        hosts.Network.Run(0.1);
        Assert.Equal(1, hosts.LeftAtRight.Counters.Dropped(DropReason.InnerHeader));
        Assert.Empty(hosts.Right.Arrived);
    }
}
