using Xunit;

namespace Qanat.WireGuard.Tests.Simulation;

/// <summary>
/// Ten thousand histories of two or three hosts on a bad network, each of which ends well. In a quarter of them both ends make
/// post-quantum keys, and begin anew at times; in two quarters one of the ends would.
/// </summary>
public class RandomHistoriesTests
{
    private const int Histories = 10_000;

    [Fact]
    public void Whatever_a_network_does_nothing_repeats_and_no_session_stays_stuck_afterwards()
    {
        var failures = 0;
        string? first = null;
        // The pool has threads for tests that wait; this one only computes, and on all of them it would starve the others.
        Parallel.For(0, Histories, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            if (Live(seed) is not { } failure)
                return;
            Interlocked.Increment(ref failures);
            Interlocked.CompareExchange(ref first, $"seed {seed}: {failure}", null);
        });
        Assert.True(failures == 0, $"{failures} histories ended badly; {first}");
    }

    private static string? Live(int seed)
    {
        using var network = new SimulatedNetwork(seed);
        var random = network.Random;
        List<(SimulatedHost Sender, Endpoint To, byte[] Datagram)> seen = [];
        network.Sent = (sender, to, datagram) => seen.Add((sender, to, datagram));
        var hub = network.AddHost(0);
        var others = Enumerable.Range(1, seed % 5 == 0 ? 2 : 1).Select(network.AddHost).ToArray();
        foreach (var other in others)
            Introduce(hub, other, random);
        if (seed % 4 is 1 or 2)
            hub.Device.KeyEncapsulation = new FakeEncapsulation(seed);
        if (seed % 4 is 2 or 3)
            foreach (var other in others)
                other.Device.KeyEncapsulation = new FakeEncapsulation(seed + other.Number);

        // Bad times, in which packets are sent, and others than the hub move.
        var next = 0UL;
        var length = random.Next(20, 400);
        network.Conditions = new(random.NextDouble() * 0.6, random.NextDouble() * 0.3, random.NextDouble() * 0.1, random.NextDouble() * 4);
        for (var packets = random.Next(20, 120); packets > 0; packets--)
        {
            var other = others[random.Next(others.Length)];
            var (from, to) = random.Next(2) == 0 ? (hub, other) : (other, hub);
            var number = next++;
            network.After(random.NextDouble() * length, () => from.Send(to, number));
        }
        for (var restarts = seed % 4 == 2 ? random.Next(3) : 0; restarts > 0; restarts--)
        {
            var other = others[random.Next(others.Length)];
            var (restarted, known) = random.Next(2) == 0 ? (hub, others) : (other, [hub]);
            network.After(random.NextDouble() * length, () => Restart(restarted, known));
        }
        for (var moves = random.Next(3); moves > 0; moves--)
        {
            var (other, port) = (others[random.Next(others.Length)], (ushort)random.Next(1024, 65536));
            network.After(random.NextDouble() * length, () => other.Here = other.Here with { Port = port });
        }
        network.Run(length);

        // Good times: within half a minute all is well, whoever sends.
        network.Conditions = Conditions.Perfect;
        var wellFrom = 0UL;
        for (var second = 0; second < 40; second++)
        {
            if (second == 30)
                wellFrom = next;
            foreach (var other in others)
            {
                other.Send(hub, next++);
                hub.Send(other, next++);
            }
            network.Run(1);
        }
        if (Missing([hub, .. others], wellFrom, next) is { } stuck)
            return $"after the network healed {stuck}";

        // And a silence in which the keys are wiped is no end.
        network.Run(700);
        var late = next;
        foreach (var other in others)
            other.Send(hub, next++);
        network.Run(1);
        if (Missing([hub, .. others], late, next) is { } lost)
            return $"after a silence {lost}";
        if (seed % 4 == 2 && !((SimulatedHost[])[hub, .. others]).All(host => host.Device.Peers.All(peer => peer.IsPostQuantum)))
            return "after a silence a session is not under a post-quantum key";

        // What was seen on the wire, all over again.
        foreach (var (sender, to, datagram) in seen)
            network.Deliver(sender.Here, to, datagram);
        network.Run(1);
        foreach (var host in (SimulatedHost[])[hub, .. others])
            if (host.ReusedNonces > 0)
                return $"host {host.Number} used {host.ReusedNonces} nonces again";
        var arrived = hub.Arrived.Concat(others.SelectMany(other => other.Arrived)).ToList();
        return arrived.Count != arrived.Distinct().Count() ? "a replay was let in" : null;
    }

    private static void Introduce(SimulatedHost hub, SimulatedHost other, Random random)
    {
        var atHub = hub.Meet(other, knowsPlace: random.Next(2) == 0);
        var atOther = other.Meet(hub);
        if (random.Next(3) == 0)
            other.Device.SetPersistentKeepalive(atOther, TimeSpan.FromSeconds(random.Next(5, 60)));
        if (random.Next(2) == 0)
        {
            var key = new byte[32];
            random.NextBytes(key);
            atHub.SetPresharedKey(key);
            atOther.SetPresharedKey(key);
        }
        other.Settle();
    }

    private static void Restart(SimulatedHost host, SimulatedHost[] known)
    {
        var keys = known.Select(other => host.Device.Find(other.Device.PublicKey)!.Handshake.PresharedKey.ToArray()).ToArray();
        host.Restart();
        foreach (var (other, key) in known.Zip(keys))
            host.Meet(other).SetPresharedKey(key);
    }

    private static string? Missing(SimulatedHost[] hosts, ulong from, ulong to)
    {
        var arrived = hosts.SelectMany(host => host.Arrived).ToHashSet();
        for (var number = from; number < to; number++)
            if (!arrived.Contains(number))
                return $"packet {number} of {from} to {to} is missing";
        return null;
    }
}
