using Qanat.WireGuard.Tests.Simulation;
using Xunit;

namespace Qanat.WireGuard.Tests.Peers;

public class PeerScheduleTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Peers_are_taken_in_the_order_of_their_time_whatever_was_moved_or_removed(int seed)
    {
        using var network = new SimulatedNetwork(seed);
        var device = network.AddHost(0).Device;
        var random = new Random(seed);
        var key = new byte[PublicKey.Size];
        var peers = Enumerable.Range(1, 200).Select(number =>
        {
            key[0] = (byte)number;
            return device.Add(new(key))!;
        }).ToArray();
        var schedule = new PeerSchedule();
        Dictionary<Peer, long> expected = [];
        for (var i = 0; i < 20_000; i++)
        {
            var peer = peers[random.Next(peers.Length)];
            switch (random.Next(8))
            {
                case 0:
                    schedule.Remove(peer);
                    expected.Remove(peer);
                    break;
                case 1:
                    var now = (long)random.Next(1000);
                    var isDue = expected.Count > 0 && expected.Values.Min() <= now;
                    Assert.Equal(isDue, schedule.TryTake(now, out var taken));
                    if (isDue)
                        Assert.True(expected.Remove(taken, out var due) && due == expected.Values.Append(due).Min());
                    break;
                default:
                    var time = (long)random.Next(1000);
                    schedule.Wake(peer, time);
                    expected[peer] = Math.Min(time, expected.GetValueOrDefault(peer, long.MaxValue));
                    break;
            }
            Assert.Equal(expected.Count == 0 ? PeerTimers.Unset : expected.Values.Min(), schedule.Next);
        }
        Array.ForEach(peers, schedule.Remove);
        Assert.Equal(PeerTimers.Unset, schedule.Next);
    }
}
