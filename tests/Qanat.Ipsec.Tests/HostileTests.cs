using Qanat.Packets;
using Xunit;
using static Qanat.Ipsec.Tests.TestStates;

namespace Qanat.Ipsec.Tests;

/// <summary>Mutated packets: nothing throws, nothing forged comes through, all is counted.</summary>
public class HostileTests
{
    private const int Rounds = 1_000_000;

    [Fact]
    public void A_million_mutated_packets_are_refused_and_counted()
    {
        var engine = new IpsecEngine(new ManualTime());
        List<(byte[] Packet, bool InUdp)> seeds = [];
        var destination = Ip("192.0.2.1");
        uint spi = 0x100;
        foreach (var (name, algorithms) in Suites.ExceptBy(Unwatched, suite => suite.Key))
        {
            var inUdp = spi % 3 == 0;
            var parameters = Tunnel(algorithms(), esn: spi % 2 == 0) with { Spi = spi++, Encapsulation = inUdp ? new(4500, 4500) : null };
            Assert.True(engine.States.Add(parameters, out _).Succeeded, name);
            var sender = Create(parameters with { Algorithms = algorithms() });
            foreach (var length in (int[])[28, 60, 301])
                seeds.Add((Seal(sender, Inner(length)), inUdp));
        }

        var random = new Random(1);
        var buffer = new byte[512];
        for (var round = 0; round < Rounds; round++)
        {
            var (seed, inUdp) = seeds[random.Next(seeds.Count)];
            var packet = Mutate(random, seed, buffer);
            if (packet.SequenceEqual(seed) || engine.FindState(destination, packet, 0) is not { } state)
                continue;
            Assert.False(engine.TryOpen(state, packet, inUdp ^ random.Next(50) == 0, out _, out _));
        }

        XfrmReason[] met =
        [
            XfrmReason.XfrmInHdrError, XfrmReason.XfrmInNoStates, XfrmReason.XfrmInStateProtoError, XfrmReason.XfrmInStateMismatch,
            XfrmReason.XfrmInStateSeqError,
        ];
        Assert.All(met, reason => Assert.True(engine.Counters[reason] > 100, $"{reason}: {engine.Counters[reason]}"));
        Assert.All(engine.States.States, state => Assert.Equal((0UL, 0UL), (state.InputSequence, state.Lifetime.Packets)));
    }

    [Fact]
    public void A_packet_that_nothing_watches_over_never_reaches_outside_itself()
    {
        var random = new Random(2);
        var buffer = new byte[512];
        foreach (var suite in Unwatched)
        {
            var (sender, receiver) = Pair(Suites[suite], its => its with { ReplayWindow = 0 });
            var seed = Seal(sender, Inner(100));
            var accepted = 0;
            for (var round = 0; round < 200_000; round++)
            {
                var packet = Mutate(random, seed, buffer);
                if (!Esp.TryOpen(receiver, packet, false, out var payload, out _))
                    continue;
                Assert.InRange(payload.Length, IPv4Header.MinSize, packet.Length - payload.Offset - 2);
                accepted++;
            }
            Assert.InRange(accepted, 1_000, 199_000);
        }
    }

    [Fact]
    public void Mutated_inner_packets_find_a_policy_or_are_counted()
    {
        var engine = new IpsecEngine(new ManualTime());
        var random = new Random(3);
        var buffer = new byte[512];
        byte[] gre = Inner(), icmp = Inner();
        gre[9] = (byte)IpProtocol.Gre;
        icmp[9] = (byte)IpProtocol.Icmp;
        var v6 = new byte[80];
        v6[0] = 0x60;
        v6[5] = 40;
        byte[][] seeds = [Inner(), gre, icmp, v6];
        long passed = 0;
        for (var round = 0; round < 300_000; round++)
            if (engine.Resolve(Mutate(random, seeds[random.Next(seeds.Length)], buffer), 0, default, out _) == OutputVerdict.Pass)
                passed++;
        Assert.True(passed > 1_000);
        Assert.Equal(300_000, passed + engine.Counters[XfrmReason.XfrmOutError]);
    }

    private static Span<byte> Mutate(Random random, byte[] seed, byte[] buffer)
    {
        var length = random.Next(6) switch
        {
            0 => random.Next(seed.Length + 1),
            1 => seed.Length + random.Next(20),
            _ => seed.Length,
        };
        var packet = buffer.AsSpan(0, length);
        var kept = Math.Min(length, seed.Length);
        seed.AsSpan(0, kept).CopyTo(packet);
        random.NextBytes(packet[kept..]);
        for (var changes = random.Next(4); changes > 0 && length > 0; changes--)
            packet[random.Next(random.Next(2) == 0 ? Math.Min(length, 40) : length)] ^= (byte)(1 << random.Next(8));
        return packet;
    }
}
