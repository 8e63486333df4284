using Qanat.EndToEnd.Tests.Interop;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard.Kernel;

/// <summary>What is on the wire outside: the same from qanat-wg and from a real kernel, for the same packets inside.</summary>
[Collection(nameof(KernelPair))]
public sealed class WireGuardHeaderTests(KernelPair pair)
{
    // Kinds of datagrams that become of all pings: sizes, marks, an initiation and a response.
    private const int Kinds = 17;

    private static readonly string[] s_pings =
    [
        "-t 33", "-Q 0x10", "-Q 0xb8", "-Q 1", "-Q 2", "-Q 3", "-Q 0xbb", "-s 0", "-s 3", "-s 4", "-s 5", "-s 20", "-s 1000",
        "-M do -s {mtu-28}", "-M do -s {mtu-29}", "-M do -s {mtu-44}", "-M dont -s {mtu-27}", "-M dont -s 3000",
    ];

    private static readonly string[] s_pings6 =
    [
        "-t 33", "-Q 0x10", "-Q 0xb8", "-Q 1", "-Q 2", "-Q 3", "-Q 0xbb", "-s 0", "-s 7", "-s 8", "-s 9", "-s 1000",
        "-M do -s {mtu-48}", "-M do -s {mtu-49}", "-s {mtu-47}", "-s 3000",
    ];

    [Theory]
    [InlineData(1420, false)]
    [InlineData(1420, true)]
    [InlineData(1411, false)]
    [InlineData(1500, false)]
    public void Sizes_padding_headers_and_marks_are_the_kernels_own(int mtu, bool overIPv6)
    {
        using var tunnel = new KernelTunnel(pair, probes: false);
        var set = $"ip link set {tunnel.Device} mtu {mtu}";
        pair.Host.Do(set);
        pair.Kernel.Do(set);
        var ours = Script(mtu, tunnel.TheirInner, tunnel.TheirInner6);
        var theirs = Script(mtu, tunnel.OurInner, tunnel.OurInner6);
        using var wire = new Capture(pair.Host, KernelPair.Wire, overIPv6 ? "ip6 proto 17" : "ip proto 17");

        // Each is the initiator once, so that both send an initiation, a response, and the packets of every ping.
        string[] ourLines = [], theirLines = [];
        tunnel.Tell(us: true, overIPv6);
        Assert.Equal("", Both(pair.Host.Run(ours)));
        Assert.Equal("", Both(pair.Kernel.Run(theirs, 60)));
        Restart(tunnel);
        tunnel.Tell(us: false, overIPv6);
        Assert.Equal("", Both(pair.Kernel.Run(theirs, 60)));
        Wait.Holds(() =>
        {
            (ourLines, theirLines) = (Lines(wire, tunnel.OurPort), Lines(wire, tunnel.TheirPort));
            return ourLines.Length >= Kinds && ourLines.SequenceEqual(theirLines);
        });
        Assert.Equal(theirLines, ourLines);
        Assert.Contains(ourLines, line => line.EndsWith("| 01000000 148 without cookie", StringComparison.Ordinal));
        Assert.Contains(ourLines, line => line.EndsWith("| 02000000 92 without cookie", StringComparison.Ordinal));
        // Of a datagram in fragments the sum is not in one of them.
        Assert.DoesNotContain(ourLines, line =>
            line.Contains(" sum", StringComparison.Ordinal) && !line.Contains("flags 2000", StringComparison.Ordinal));
    }

    // Both forget their sessions; the kernel's end is to begin the next.
    private static void Restart(KernelTunnel tunnel)
    {
        tunnel.Ours.Set($"peer {tunnel.TheirPublicKey} remove");
        tunnel.SetTheirs($"peer {tunnel.Ours.PublicKey} remove");
        tunnel.Ours.Set($"peer {tunnel.TheirPublicKey} allowed-ips {tunnel.TheirInner}/32,{tunnel.TheirInner6}/128");
        tunnel.SetTheirs($"peer {tunnel.Ours.PublicKey} allowed-ips {tunnel.OurInner}/32,{tunnel.OurInner6}/128");
    }

    // The kinds of datagrams that a port has sent: how many there are of a kind depends on who had to say what again. Who sends
    // keepalives, which are empty, depends on who is silent for long.
    private static string[] Lines(Capture wire, int port) =>
        [.. wire.SoFar.Packets.Select(packet => WireGuardOutline.Of(packet, port)).OfType<string>().Distinct()
            .Where(line => !line.EndsWith(" 04000000 32", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    // Says which pings got no answer; nothing when all did.
    private static string Script(int mtu, string ipv4, string ipv6) =>
        string.Concat(from ping in s_pings.Select(options => $"{options} {ipv4}").Concat(s_pings6.Select(options => $"{options} {ipv6}"))
                      let words = Sized(ping, mtu)
                      select $"ping -c 1 -W 5 {words} >/tmp/ping.$$ 2>&1 || {{ echo '{words}'; tail -n 3 /tmp/ping.$$; }}; ") +
        "rm -f /tmp/ping.$$";

    private static string Sized(string ping, int mtu)
    {
        foreach (var less in (int[])[27, 28, 29, 44, 47, 48, 49])
            ping = ping.Replace($"{{mtu-{less}}}", $"{mtu - less}", StringComparison.Ordinal);
        return ping;
    }

    private static string Both(CommandResult result) => result.Output + result.Error;
}
