using System.Globalization;
using System.Security.Cryptography;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.WireGuard.WireGuardPair;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>What strangers send to qanat-wg, by itself or out of what they have overheard.</summary>
public sealed class WireGuardHostileTests
{
    private const int MaxResidentKiB = 128 << 10;

    [Fact]
    public void Of_what_is_replayed_changed_cut_or_lengthened_nothing_gets_in_and_nobody_is_believed_to_have_moved()
    {
        using var pair = new WireGuardPair();
        using var wire = new Capture(pair.A.Host, "eth0", "udp");
        pair.A.Host.Do($"ping -c 5 -i 0.05 -W 5 {InnerB}");
        var overheard = wire.WaitFor(12).Select(packet => packet[28..].ToArray()).ToList();
        var before = State(pair);

        using (var toB = new Stranger(pair.A.Host, TwoHosts.AddressOfB, PortOfB))
        using (var toA = new Stranger(pair.B.Host, TwoHosts.AddressOfA, PortOfA))
            foreach (var datagram in overheard)
                foreach (var to in (Stranger[])[toA, toB])
                    Abuse(to, datagram);
        Settle(pair);
        Assert.Equal(before, State(pair));
        Assert.True(pair.A.Host.Reaches(InnerB));
        Assert.True(pair.B.Host.Reaches(InnerA));
    }

    [Fact]
    public void A_flood_takes_no_memory_no_lasting_time_and_no_session()
    {
        using var pair = new WireGuardPair();
        using var wire = new Capture(pair.A.Host, "eth0", "udp");
        Assert.True(pair.A.Host.Reaches(InnerB));
        var index = wire.WaitFor(4).Select(packet => packet[28..].ToArray()).First(datagram => datagram[0] == 4).AsSpan(4, 4).ToArray();
        var before = State(pair, counters: false);
        using var stranger = new Stranger(pair.A.Host, TwoHosts.AddressOfB, PortOfB);
        using var pings = pair.A.Host.Start($"exec ping -c 60 -i 0.05 -W 5 {InnerB}");

        var random = new Random(1);
        int[] sizes = [148, 92, 64, 32, 48];
        byte[] costly = Stranger.InitiationTo(pair.B.PublicKey), garbage = new byte[1500];
        byte[] forged = [4, 0, 0, 0, .. index, .. new byte[1440]]; // for the session that there is, with any number
        do
        {
            stranger.Send(costly, 300);
            for (var i = 0; i < 300; i++)
            {
                random.NextBytes(garbage);
                stranger.Send(garbage.AsSpan(0, random.Next(garbage.Length)));
                (garbage[0], garbage[1], garbage[2], garbage[3]) = ((byte)random.Next(1, 5), 0, 0, 0);
                stranger.Send(garbage.AsSpan(0, sizes[random.Next(sizes.Length)]));
                random.NextBytes(forged.AsSpan(8));
                stranger.Send(forged);
            }
        }
        while (!pings.HasExited);
        var summary = pings.WaitForExit().Output;
        // Where a burst fills the socket some may be lost, but most get through.
        Assert.InRange(int.Parse(summary.Split(" received")[0].Split(' ')[^1], CultureInfo.InvariantCulture), 30, 60);
        Settle(pair);
        Assert.Equal(before, State(pair, counters: false));
        Assert.True(pair.A.Host.Reaches(InnerB));
        Assert.InRange(HostExtensions.ResidentKiB(pair.B.Pid), 1, MaxResidentKiB);
    }

    [Fact]
    public void Who_has_another_key_or_is_no_peer_gets_no_answer()
    {
        using var pair = new WireGuardPair();
        using var wire = new Capture(pair.A.Host, "eth0", $"udp src port {PortOfB}");
        // A takes B for somebody else; and B takes A for nobody.
        var other = pair.A.Host.Do("wg genkey | wg pubkey").Trim();
        pair.A.Set($"peer {pair.B.PublicKey} remove peer {other} allowed-ips {InnerB}/32 endpoint {TwoHosts.AddressOfB}:{PortOfB}");
        Assert.False(pair.A.Host.Reaches(InnerB));
        pair.A.Set($"peer {other} remove peer {pair.B.PublicKey} allowed-ips {InnerB}/32 endpoint {TwoHosts.AddressOfB}:{PortOfB}");
        pair.B.Set($"peer {pair.A.PublicKey} remove");
        Assert.False(pair.A.Host.Reaches(InnerB));
        Assert.Empty(wire.SoFar.Packets);
    }

    // As it is; with a bit changed; cut; lengthened, to the longest there is.
    private static void Abuse(Stranger to, byte[] datagram)
    {
        to.Send(datagram);
        for (var i = 0; i < datagram.Length; i++)
        {
            byte[] changed = [.. datagram];
            changed[i] ^= (byte)(1 << (i % 8));
            to.Send(changed);
            to.Send(datagram.AsSpan(0, i));
        }
        foreach (var more in (int[])[1, 15, 16, 1000, 9000, 65_507 - datagram.Length])
            to.Send([.. datagram, .. RandomNumberGenerator.GetBytes(more)]);
    }

    // Both have worked off what they got, and rest.
    private static void Settle(WireGuardPair pair)
    {
        foreach (var end in (WireGuardEnd[])[pair.A, pair.B])
        {
            var (last, same) = ("", 0);
            Wait.Until(() =>
            {
                var used = string.Join(' ', File.ReadAllText($"/proc/{end.Pid}/stat").Split(' ')[13..15]);
                same = used == last ? same + 1 : 0;
                last = used;
                return same >= 10 && Waiting(end).All(count => count == "0");
            }, what: "the flood to be worked off");
        }
    }

    // Bytes that its sockets have not been relieved of.
    private static IEnumerable<string> Waiting(WireGuardEnd end) =>
        end.Host.Do($"ss -Huln 'sport = :{end.Show("listen-port")}'").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);

    private static string State(WireGuardPair pair, bool counters = true) => string.Join('\n',
        from end in (WireGuardEnd[])[pair.A, pair.B]
        from what in (string[])["endpoints", "latest-handshakes", .. counters ? (string[])["transfer"] : []]
        select end.Show(what) + (counters ? $"\n{end.Host.Counter(end.Device, "rx", "packets")}" : ""));
}
