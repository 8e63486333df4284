using System.Diagnostics;
using System.Globalization;
using Qanat.Packets;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Bench;

/// <summary>What it takes to find the peer of an address, and to have the addresses of all peers.</summary>
internal static class LookUps
{
    private const int Probes = 1 << 16;

    /// <summary>Prints nanoseconds a look-up and bytes a prefix: the peers' addresses are one network, or are any.</summary>
    public static void Measure(int rounds)
    {
        Console.WriteLine($"{"median of " + rounds,-44}{"ns a look-up",14}{"bytes a prefix",16}");
        foreach (var count in (ReadOnlySpan<int>)[1, 1000, 10_000, 100_000])
        {
            Measure($"{count:N0} IPv4 addresses in a row", rounds, Prefixes(count, i => (new IPv4Address(0x0A000000 + (uint)i), 32)));
            Measure($"{count:N0} IPv4 networks, random", rounds, Prefixes(count, random =>
                (new IPv4Address((uint)new Random(random).NextInt64()), 16 + random % 17)));
            Measure($"{count:N0} IPv6 addresses in a row", rounds, Prefixes(count, i =>
                (new IPv6Address(new UInt128(0xFD00_0008_0000_0000, (ulong)i)), 128)));
            Measure($"{count:N0} IPv6 networks, random", rounds, Prefixes(count, random =>
                (new IPv6Address(new UInt128((ulong)new Random(random).NextInt64(), 0)), 48 + random % 17)));
        }
    }

    private static AllowedIp[] Prefixes(int count, Func<int, (IpAddress Address, int Length)> make) =>
        [.. Enumerable.Range(0, count).Select(make).Select(each => new AllowedIp(each.Address, each.Length))];

    private static void Measure(string title, int rounds, AllowedIp[] prefixes)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var table = new AllowedIps<AllowedIp[]>();
        foreach (var prefix in prefixes)
            table.Add(prefix, prefixes);
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / prefixes.Length;
        var random = new Random(1);
        var probes = new IpAddress[Probes];
        for (var i = 0; i < probes.Length; i++)
            probes[i] = prefixes[random.Next(prefixes.Length)].Address;
        // The first rounds do not count: what is hot is still to be compiled anew.
        var samples = new List<double>();
        for (var round = -30; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var probe in probes)
                if (table.Find(probe) is null)
                    throw new InvalidOperationException("An address is not found.");
            if (round >= 0)
                samples.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / Probes);
        }
        var median = samples.Order().ElementAt(rounds / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title,-44}{median,14:F0}{bytes,16}"));
    }
}
