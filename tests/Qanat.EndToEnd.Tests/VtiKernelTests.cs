using System.Globalization;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.VtiKernelPair;

namespace Qanat.EndToEnd.Tests;

/// <summary>vti and vti6 against a real kernel's: what one seals the other opens, whatever the algorithm.</summary>
public sealed class VtiKernelTests(VtiKernelPair pair) : IClassFixture<VtiKernelPair>
{
    private const int PingHeaders = 28, Ping6Headers = 48;
    private const string
        Window = "replay-window 32 flag af-unspec ",
        GcmKey = "0x000102030405060708090a0b0c0d0e0f10111213",
        HashKey = "0x202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
        LongKey = "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
        Gcm = $"{Window} aead 'rfc4106(gcm(aes))' {GcmKey} 128",
        Gcm256 = $"{Window} aead 'rfc4106(gcm(aes))' {LongKey} 128",
        ChaCha = $"{Window} aead 'rfc7539esp(chacha20,poly1305)' {LongKey} 128",
        CbcKeys = $"enc 'cbc(aes)' 0x000102030405060708090a0b0c0d0e0f auth-trunc 'hmac(sha256)' {HashKey} 128",
        Cbc = $"{Window} {CbcKeys}",
        Null = $"{Window} enc 'ecb(cipher_null)' '' auth-trunc 'hmac(sha256)' {HashKey} 128",
        Esn = $"replay-window 128 flag af-unspec esn aead 'rfc4106(gcm(aes))' {GcmKey} 128",
        EsnCbc = $"replay-window 64 flag af-unspec esn {CbcKeys}",
        InUdp = $"{Gcm} encap espinudp 4500 4500 0.0.0.0";

    private readonly TestNamespace _host = pair.Host;
    private readonly KernelPeer _kernel = pair.Kernel;

    /// <summary>The algorithms, over which IP version, and the longest inner packet that a wire of 1,500 bytes takes.</summary>
    public static TheoryData<string, bool, int> Suites => new()
    {
        { Gcm, false, 1446 },
        { Gcm, true, 1426 },
        { Gcm256, false, 1446 },
        { ChaCha, false, 1446 },
        { ChaCha, true, 1426 },
        { Cbc, false, 1438 },
        { Cbc, true, 1406 },
        { Null, false, 1454 },
        { Esn, false, 1446 },
        { Esn, true, 1426 },
        { EsnCbc, false, 1438 },
    };

    [Theory]
    [MemberData(nameof(Suites))]
    public void Both_ends_understand_each_other(string suite, bool overIPv6, int longest)
    {
        using var tunnel = pair.Tunnel(suite, overIPv6: overIPv6);
        PingBothWays(longest);
        _host.AssertTcp(_kernel, TheirInner);
        _host.AssertTcp(_kernel, TheirInner6);
        Assert.Equal((0, 0), (Counter("rxErrors"), Drops()));
    }

    [Fact]
    public void Esp_in_udp_passes_both_ways_from_the_port_of_the_state()
    {
        // What a key exchange does for its port: UDP_ENCAP, 100 of the level 17, is UDP_ENCAP_ESPINUDP, 2.
        _kernel.Start("exec socat -u UDP4-RECV:4500,setsockopt-listen=17:100:i2 OPEN:/dev/null");
        Wait.Until(() => _kernel.Run("netstat -lun | grep -q :4500").Succeeded, what: "the kernel's port");
        using var wire = new Capture(_host, Wire, "udp port 4500");
        using (pair.Tunnel(InUdp))
        {
            PingBothWays(1438);
            _host.AssertTcp(_kernel, TheirInner);
            Assert.Equal((0, 0), (Counter("rxErrors"), Drops()));
            var (ours, theirs) = (FirstOf(wire, Ours), FirstOf(wire, Theirs));
            Assert.Equal(theirs.Payload[..4].ToArray(), ours.Payload[..4].ToArray());
            Assert.Equal([0, 0], ours.Payload[6..8].ToArray()); // no checksum
            Assert.NotEmpty(Listeners());
        }
        Assert.Empty(Listeners());

        string Listeners() => _host.Do("ss -Hlun 'sport = :4500'");
    }

    [Fact]
    public void A_port_that_is_taken_is_told_and_used_once_it_is_free()
    {
        _kernel.Start("exec socat -u UDP4-RECV:4500,setsockopt-listen=17:100:i2 OPEN:/dev/null");
        using var other = _host.Start("exec socat -u UDP4-RECV:4500 OPEN:/dev/null");
        Wait.Until(() => _host.Do("ss -Hlun 'sport = :4500'").Length > 0, what: "the other program's port");
        using var tunnel = pair.Tunnel(InUdp);
        Assert.False(_host.Reaches(TheirInner));
        other.Terminate();
        Wait.Until(() => _host.Reaches(TheirInner), what: "the port to be ours");
    }

    [Fact]
    public void Outer_headers_are_the_kernels_own()
    {
        using var tunnel = pair.Tunnel(Null);
        using var wire = new Capture(_host, Wire, "ip proto 50");
        string[] pings = ["", "-t 33", "-Q 0x10", "-Q 0xb8", "-Q 1", "-Q 2", "-Q 3", "-Q 0xbb", "-M do -s 1426", "-M dont -s 500"];
        _host.Do(All(TheirInner, TheirInner6));
        _kernel.Do(All(OurInner, OurInner6));
        var outer = wire.WaitFor(8 * pings.Length, packet => IsPing(new IPv4Fields(packet).Payload[8..].Span))
            .Select(packet => new IPv4Fields(packet)).ToArray();
        Assert.All(outer, packet => Assert.True(packet.ChecksumHolds));
        Assert.Equal(Sent(Theirs), Sent(Ours));

        // The inner packet is behind the SPI and the sequence number.
        string[] Sent(string source) =>
            [.. from packet in outer
                where packet.Source.ToString() == source
                let inner = packet.Payload[8..]
                let what = inner.Span[0] >> 4 == 4 ? new IPv4Fields(inner).Comparable : "IPv6"
                let id = packet.Bytes.Span[4] == 0 && packet.Bytes.Span[5] == 0
                let line = $"{what} in {packet.Comparable}, {(packet.DontFragment && id ? "id 0" : "")}"
                orderby line
                select line];

        string All(string inner, string inner6) =>
            string.Join(" && ", pings.Select(ping => $"ping -c 1 -W 3 {ping} {inner} && ping -c 1 -W 3 {inner6}"));
    }

    [Fact]
    public void Outer_headers_over_IPv6_are_the_kernels_own()
    {
        using var tunnel = pair.Tunnel(Null, overIPv6: true);
        using var wire = new Capture(_host, Wire, "ip6 proto 50");
        string[] pings = ["", "-t 33", "-Q 0x10", "-Q 0xbb"];
        _host.Do(All(TheirInner, TheirInner6));
        _kernel.Do(All(OurInner, OurInner6));
        var packets = wire.WaitFor(8 * pings.Length, packet => IsPing(packet.Span[48..])).Select(packet => packet.ToArray()).ToArray();
        Assert.Equal(Sent(2), Sent(1));

        // Version, traffic class, length, next header, hop limit; and the flow label that IPv6 inside has.
        string[] Sent(byte host) =>
            [.. from packet in packets
                where packet[23] == host
                let label = packet[48] >> 4 == 6 ? Label(packet.AsSpan(48)) : "00000"
                let line = $"{Convert.ToHexString(packet[4..8])} {packet[0] & 15:x}{packet[1] >> 4:x} {Label(packet) == label}"
                orderby line
                select line];

        string All(string inner, string inner6) =>
            string.Join(" && ", pings.Select(ping => $"ping -c 1 -W 3 {ping} {inner} && ping -c 1 -W 3 {ping} {inner6}"));

        static string Label(ReadOnlySpan<byte> header) => Convert.ToHexString([(byte)(header[1] & 15), header[2], header[3]])[1..];
    }

    [Fact]
    public void A_packet_with_DF_larger_than_the_path_is_refused_alike_on_both_sides()
    {
        using var tunnel = pair.Tunnel(Gcm);
        const string ping = "ping -c 1 -W 1 -M do -s 1452", refusal = "mtu = 1446";
        Assert.Contains(refusal, _host.Run($"{ping} {TheirInner}").Output, StringComparison.Ordinal);
        Assert.Contains(refusal, _kernel.Run($"{ping} {OurInner}").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_sent_to_a_group_is_answered_by_both(bool overIPv6)
    {
        const string answer = "sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0";
        _host.Do(answer);
        _kernel.Do(answer);
        using var tunnel = pair.Tunnel(Gcm, overIPv6: overIPv6);
        Assert.Contains("1 received", _host.Do("ping -c 1 -W 5 -L -I tun1 224.0.0.1"), StringComparison.Ordinal);
        Assert.Contains("1 received", _kernel.Do("ping -c 1 -W 5 -L -I tun1 224.0.0.1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_key_is_counted_on_both_sides()
    {
        using var tunnel = pair.Tunnel(Gcm, theirSuite: Gcm.Replace("0x00", "0xff", StringComparison.Ordinal));
        var before = KernelRefusals();
        Assert.False(_host.Reaches(TheirInner));
        Assert.False(_kernel.Run($"ping -c 1 -W 1 {OurInner}").Succeeded);
        Assert.NotEqual(0, Drop("not-authentic"));
        Assert.Equal(Counter("rxErrors"), Drop("not-authentic"));
        Assert.NotEqual(before, KernelRefusals());
        Assert.Contains("not-authentic", _host.Do("qanat -s tunnel show tun1"), StringComparison.Ordinal);

        long KernelRefusals() => long.Parse(
            _kernel.Do("awk '/XfrmInStateProtoError/ {print $2}' /proc/net/xfrm_stat"), CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Without_a_state_our_sender_hears_that_the_host_is_unreachable()
    {
        using var tunnel = pair.Tunnel(Gcm);
        _host.Do("qanat xfrm state flush");
        var ping = _host.Run($"ping -c 1 -W 1 {TheirInner}");
        Assert.Contains("Destination Host Unreachable", ping.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, Drop("no-state"));
    }

    [Fact]
    public void Keys_are_exchanged_under_traffic_without_losing_a_packet()
    {
        using var tunnel = pair.Tunnel(Gcm);
        using var ping = _host.Start($"ping -q -i 0.01 -c 600 -W 10 {TheirInner}");
        using var pong = _host.Start($"ping -q -i 0.01 -c 600 -W 10 -s 1000 {TheirInner6}");
        for (var round = 0; round < 3; round++)
        {
            var (ours, theirs) = (SpiOfOurs + round, SpiOfTheirs + round);
            Exchange(ours + 1, theirs + 1);
            _host.Do($"ping -c 1 -W 5 {TheirInner}"); // what was under way has arrived
            _host.Do($"qanat xfrm state del dst {Theirs} proto esp spi {ours}", $"qanat xfrm state del dst {Ours} proto esp spi {theirs}");
            _kernel.Do($"ip xfrm state del dst {Theirs} proto esp spi {ours} && ip xfrm state del dst {Ours} proto esp spi {theirs}");
        }
        foreach (var running in new[] { ping, pong })
            Assert.Contains("600 received, 0% packet loss", running.WaitForExit(TimeSpan.FromMinutes(1)).Output, StringComparison.Ordinal);
        Assert.Equal((0, 0), (Counter("rxErrors"), Drops()));

        // Each first learns to open with the new keys, then seals with them.
        void Exchange(int ours, int theirs)
        {
            var keys = Gcm.Replace("0x0001", $"0x{ours:x4}", StringComparison.Ordinal);
            _host.Do(AddState("qanat", fromUs: false, theirs, keys));
            _kernel.Do(AddState("ip", fromUs: true, ours, keys));
            _host.Do(AddState("qanat", fromUs: true, ours, keys));
            _kernel.Do(AddState("ip", fromUs: false, theirs, keys));
        }
    }

    [Fact]
    public void Wireshark_decrypts_what_we_send()
    {
        using var tunnel = pair.Tunnel(Gcm);
        var folder = Directory.CreateTempSubdirectory("qanat-esp-");
        try
        {
            var file = Path.Combine(folder.FullName, "esp.pcap");
            using (var tcpdump = _host.Start($"exec tcpdump -i {Wire} -n -U --immediate-mode -Z root -c 4 -w {file} ip proto 50"))
            {
                Wait.Until(() => tcpdump.Error.Contains("listening on", StringComparison.Ordinal), what: "tcpdump");
                _host.Do($"ping -c 2 -i 0.2 -W 3 {TheirInner}");
                _ = tcpdump.WaitForExit().Required;
            }
            var decoded = _host.Do($"tshark -r {file} -o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE " +
                $"-o 'uat:esp_sa:{Association(Ours, Theirs, SpiOfOurs)}' -Y 'icmp.type == 8' -T fields -e ip.src -e icmp.seq");
            Assert.Equal($"{Ours},{OurInner}\t1\n{Ours},{OurInner}\t2\n", decoded);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static string Association(string source, string destination, int spi) =>
            $"\"IPv4\",\"{source}\",\"{destination}\",\"0x{spi:x8}\",\"AES-GCM with 16 octet ICV [RFC4106]\",\"{GcmKey}\",\"NULL\",\"\"";
    }

    // The longest that fits with DF, far longer ones without it, and what is so long that it is cut inside as well.
    private void PingBothWays(int longest)
    {
        string[] pings = ["-s 0", $"-M do -s {longest - PingHeaders}", "-M dont -s 1452", "-s 4000", "-s 20000"];
        // The first of the long ones tells us what fits, the answer to the second tells the other end.
        string[] pings6 = ["-s 0", $"-M do -s {longest - Ping6Headers}", "-c 4 -i 0.3 -s 4000"];
        _host.Do(All(TheirInner, TheirInner6));
        _kernel.Do(All(OurInner, OurInner6));

        string All(string inner, string inner6) => string.Join(" && ",
            [.. pings.Select(ping => $"ping -c 1 -W 5 {ping} {inner}"), .. pings6.Select(ping => $"ping -c 1 -W 5 {ping} {inner6}")]);
    }

    // Not what a host says of itself when a device comes up.
    private static bool IsPing(ReadOnlySpan<byte> inner) =>
        inner[0] >> 4 == 4 ? inner[9] == 1 : inner[6] == 58 && inner[40] is (128 or 129);

    private static IPv4Fields FirstOf(Capture wire, string source) =>
        new(wire.WaitFor(1, packet => new IPv4Fields(packet).Source.ToString() == source)[0]);

    private long Counter(string name) => _host.Tunnel("tun1").GetProperty("counters").GetProperty(name).GetInt64();

    private long Drop(string reason) =>
        _host.Tunnel("tun1").GetProperty("counters").GetProperty("drops").TryGetProperty(reason, out var count) ? count.GetInt64() : 0;

    private long Drops() => _host.Tunnel("tun1").GetProperty("counters").GetProperty("drops").EnumerateObject()
        .Where(drop => drop.Name != "packet-too-big").Sum(drop => drop.Value.GetInt64());
}
