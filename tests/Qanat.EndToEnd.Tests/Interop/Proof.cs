using System.Globalization;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>What a tunnel carries.</summary>
[Flags]
public enum Inner
{
    /// <summary>IPv4.</summary>
    IPv4 = 1,

    /// <summary>IPv6.</summary>
    IPv6 = 2,

    /// <summary>Both.</summary>
    Both = 3,
}

/// <summary>What is proven of every mode and option alike: a tunnel between Qanat and a real kernel.</summary>
internal static class Proof
{
    private static readonly string[] s_pings = ["-t 33", "-Q 0x10", "-Q 0xb8", "-Q 1", "-Q 2", "-Q 3", "-Q 0xbb"];

    /// <summary>
    /// Pings of many kinds pass both ways; the outer packets that we send are those that the kernel sends for the same inner
    /// ones; and both count them.
    /// </summary>
    /// <param name="pair">Qanat and a kernel.</param>
    /// <param name="commands">What makes tun1 on both.</param>
    /// <param name="inner">What it carries.</param>
    /// <param name="whole">Without inner packets that are fragments.</param>
    /// <param name="inner6">The IPv6 addresses inside, where they are not any two.</param>
    public static void Headers(
        this KernelPair pair, string commands, Inner inner = Inner.Both, bool whole = false, InnerAddresses? inner6 = null)
    {
        var (ours, theirs) = pair.Exchange(commands, inner, sides => sides.Ours.SequenceEqual(sides.Theirs), whole, inner6);
        Assert.Equal(theirs, ours);
    }

    /// <summary>As <see cref="Headers"/>, where the two ends have options of their own: each has the one's, and then the other's.</summary>
    /// <param name="pair">Qanat and a kernel.</param>
    /// <param name="command">What makes tun1 on both, without these options.</param>
    /// <param name="one">The options of one end.</param>
    /// <param name="other">The options of the other.</param>
    public static void HeadersOfUnequalEnds(this KernelPair pair, string command, string one, string other)
    {
        var first = pair.Exchange($"{command} [{one}|{other}]", Inner.Both, _ => true);
        var second = pair.Exchange($"{command} [{other}|{one}]", Inner.Both,
            sides => sides.Ours.SequenceEqual(first.Theirs) && sides.Theirs.SequenceEqual(first.Ours));
        Assert.Equal(first.Theirs, second.Ours);
        Assert.Equal(second.Theirs, first.Ours);
    }

    // What each sent, when all pings were answered.
    private static (string[] Ours, string[] Theirs) Exchange(
        this KernelPair pair, string commands, Inner inner, Func<(string[] Ours, string[] Theirs), bool> complete, bool whole = false,
        InnerAddresses? inner6 = null)
    {
        using var tunnel = pair.Make(commands, inner6);
        using var wire = new Capture(pair.Host, KernelPair.Wire, "(ip or ip6) and greater 60");
        string[] ours = [.. Pings(inner, OurMtu(pair), KernelPair.TheirInner, inner6?.Theirs ?? KernelPair.TheirInner6, whole)];
        string[] theirs = [.. Pings(inner, TheirMtu(pair), KernelPair.OurInner, inner6?.Ours ?? KernelPair.OurInner6, whole)];
        Assert.Equal("", Both(pair.Host.Run(Script(ours))));
        Assert.Equal("", Both(pair.Kernel.Run(Script(theirs), 60)));

        // Both sent the same requests and the same replies, so the same inner packets must have the same outer ones.
        (string[] Ours, string[] Theirs) sent = ([], []);
        Wait.Holds(() =>
        {
            sent = (Sent(wire, ours: true), Sent(wire, ours: false));
            return Math.Min(sent.Ours.Length, sent.Theirs.Length) >= 2 * ours.Length && complete(sent);
        });
        Assert.True(
            Math.Min(sent.Ours.Length, sent.Theirs.Length) >= 2 * ours.Length,
            $"Of {2 * ours.Length} packets at least each way there are {sent.Ours.Length} and {sent.Theirs.Length}. {wire}");
        Assert.DoesNotContain(sent.Ours, line => line.Contains("bad sum", StringComparison.Ordinal));
        pair.Counts(ours.Length + theirs.Length);
        return sent;
    }

    /// <summary>TCP passes both ways, and not only the first segments of it.</summary>
    public static void Tcp(this KernelPair pair, string commands, Inner inner = Inner.Both, InnerAddresses? inner6 = null)
    {
        using var tunnel = pair.Make(commands, inner6);
        foreach (var address in Addresses(inner, KernelPair.TheirInner, inner6?.Theirs ?? KernelPair.TheirInner6))
            pair.Host.AssertTcp(pair.Kernel, address);
    }

    /// <summary>Not one ping is lost while the tunnel is changed.</summary>
    /// <param name="pair">Qanat and a kernel.</param>
    /// <param name="commands">What makes tun1 on both.</param>
    /// <param name="address">The kernel's address in it.</param>
    /// <param name="changes">What changes ours, without the program.</param>
    public static void Changes(this KernelPair pair, string commands, string address, IEnumerable<string> changes)
    {
        using var tunnel = pair.Make(commands);
        using var pings = pair.Host.Start($"exec ping -c 40 -i 0.05 -W 5 {address}");
        foreach (var change in changes)
            pair.Host.Do($"qanat {change}");
        Assert.Contains(" 40 received", pings.WaitForExit().Required, StringComparison.Ordinal);
    }

    /// <summary>
    /// Asserts that <c>ip -s link</c> counts known traffic on both sides, each way, and that <c>qanat -s tunnel show</c> counts
    /// as much. Both may have sent reports of their groups besides.
    /// </summary>
    private static void Counts(this KernelPair pair, int packets)
    {
        var theirs = pair.Kernel.Do("cat /sys/class/net/tun1/statistics/rx_packets /sys/class/net/tun1/statistics/tx_packets").Split('\n');
        var tunnel = pair.Host.Tunnel("tun1").GetProperty("counters");
        long[] counts =
        [
            pair.Host.Counter("tun1", "tx", "packets"), pair.Host.Counter("tun1", "rx", "packets"),
            tunnel.GetProperty("txPackets").GetInt64(), tunnel.GetProperty("rxPackets").GetInt64(),
            long.Parse(theirs[0], CultureInfo.InvariantCulture), long.Parse(theirs[1], CultureInfo.InvariantCulture),
        ];
        Assert.All(counts, count => Assert.InRange(count, packets, 2 * packets));
        Assert.Equal(0, pair.Host.Counter("tun1", "rx", "errors"));
    }

    private static int OurMtu(KernelPair pair) => pair.Host.Link("tun1").GetProperty("mtu").GetInt32();

    private static int TheirMtu(KernelPair pair) => int.Parse(pair.Kernel.Do("cat /sys/class/net/tun1/mtu"), CultureInfo.InvariantCulture);

    private static IEnumerable<string> Addresses(Inner inner, string ipv4, string ipv6) =>
        new[] { (Inner.IPv4, ipv4), (Inner.IPv6, ipv6) }.Where(family => inner.HasFlag(family.Item1)).Select(family => family.Item2);

    private static IEnumerable<string> Pings(Inner inner, int mtu, string ipv4, string ipv6, bool whole)
    {
        if (inner.HasFlag(Inner.IPv4))
            foreach (var options in (string[])[.. s_pings, $"-M do -s {mtu - 28}", $"-M dont -s {mtu - 28}",
                .. Larger($"-M dont -s {mtu - 27}", "-M dont -s 3000")])
                yield return $"{options} {ipv4}";
        if (inner.HasFlag(Inner.IPv6))
            foreach (var options in (string[])[.. s_pings, $"-M do -s {mtu - 48}", .. Larger($"-s {mtu - 47}", "-s 3000")])
                yield return $"{options} {ipv6}";

        string[] Larger(params string[] pings) => whole ? [] : pings;
    }

    // Says which pings got no answer; nothing when all did.
    private static string Script(IEnumerable<string> pings) =>
        string.Concat(pings.Select(ping =>
            $"ping -c 1 -W 5 {ping} >/tmp/ping.$$ 2>&1 || {{ echo '{ping}'; tail -n 3 /tmp/ping.$$; }}; ")) + "rm -f /tmp/ping.$$";

    private static string[] Sent(Capture wire, bool ours) =>
        [.. from packet in wire.SoFar.Packets
            where IsOurs(packet.Span) == ours
            let line = Outline.Of(packet)
            where line.Contains("echo", StringComparison.Ordinal) || line.Contains("...", StringComparison.Ordinal)
            orderby line
            select line];

    // By the last byte of the outer source: 192.0.2.1 or 2001:db8:1::1.
    private static bool IsOurs(ReadOnlySpan<byte> packet) => packet[packet[0] >> 4 == 4 ? 15 : 23] == 1;

    private static string Both(CommandResult result) => result.Output + result.Error;
}
