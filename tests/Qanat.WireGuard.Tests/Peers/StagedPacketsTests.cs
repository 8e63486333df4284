using Qanat.WireGuard.Tests.Simulation;
using Xunit;

namespace Qanat.WireGuard.Tests.Peers;

public class StagedPacketsTests
{
    [Fact]
    public void The_newest_128_packets_of_a_peer_wait()
    {
        using var network = new SimulatedNetwork(1);
        var (left, right) = (network.AddHost(0), network.AddHost(1));
        var peer = left.Meet(right);
        network.Conditions = Conditions.Perfect with { Loss = 1 };
        for (var i = 0UL; i < 200; i++)
            left.Send(right, i);
        Assert.Equal(72, peer.Counters.Dropped(DropReason.StagingFull));
        network.Conditions = Conditions.Perfect;
        right.Meet(left);
        network.Run(6);
        Assert.Equal(Enumerable.Range(72, 128).Select(i => (ulong)i), right.Arrived);
    }

    [Fact]
    public void All_peers_together_have_so_many_bytes_and_the_oldest_packets_leave_first()
    {
        using var network = new SimulatedNetwork(1);
        var host = network.AddHost(0);
        var staged = new StagedPackets();
        var peers = Enumerable.Range(1, 100).Select(number => host.Meet(network.AddHost(number))).ToArray();
        // 100 peers with 100 packets of 1 KiB are more than 8 MiB: those that were there first have lost some.
        for (var i = 0; i < 100; i++)
            foreach (var peer in peers)
                staged.Add(peer, 1024)[0] = (byte)i;
        var waiting = peers.Sum(peer => peer.Staged.Count);
        Assert.Equal(StagedPackets.MaxBytes / 1024, waiting);
        Assert.All(peers, peer => Assert.InRange(peer.Staged.Count, waiting / 100, waiting / 100 + 1));
        Assert.All(peers, peer => Assert.Equal(100 - peer.Staged.Count, staged.Peek(peer)[0]));
        foreach (var peer in peers)
            staged.Clear(peer);
        Assert.All(peers, peer => Assert.True(staged.Peek(peer).IsEmpty));
        Assert.Equal(100 * 100, peers.Sum(peer => peer.Counters.Dropped(DropReason.StagingFull)));
    }
}
