using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Qanat.Packets;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary><c>qanat echo</c> behind a device, and the real kernel in front of it.</summary>
public sealed class EchoTests : IDisposable
{
    private const string Addresses = "address 10.18.0.3/24 address fd18::3/64 host 10.18.0.1/24 host fd18::1/64";

    private readonly TestNamespace _host = new("echo");

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("tun0")]
    [InlineData("tap0")]
    public void Pings_of_every_size_are_answered(string device)
    {
        using var echo = Start(device);
        _host.Do("ping -c 2 -i 0.2 -W 5 10.18.0.3", "ping -c 1 -W 5 -s 65507 10.18.0.3", "ping -c 1 -W 5 -s 0 10.18.0.3",
            "ping -c 2 -i 0.2 -W 5 fd18::3", "ping -c 1 -W 5 -s 65000 fd18::3");
        Wait.Until(() => echo.Output.Contains("ICMP echo request from 10.18.0.1, id ", StringComparison.Ordinal), what: "a line");
        Wait.Until(() => echo.Output.Contains("65008 bytes: answered", StringComparison.Ordinal), what: "the line of the largest");
        Assert.Contains("ICMPv6 echo request from fd18::1", echo.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tun0")]
    [InlineData("tap0")]
    public void A_burst_of_pings_is_answered_whole_with_few_lines(string device)
    {
        using var echo = Start(device);
        var report = _host.Run("ping -q -f -c 2000 10.18.0.3", TimeSpan.FromMinutes(1)).Required;
        Assert.Contains(" 0% packet loss", report, StringComparison.Ordinal);
        echo.Interrupt();
        var output = echo.WaitForExit().Required;
        Assert.Contains("more within that second", output, StringComparison.Ordinal);
        Assert.Contains("EchoReply 2000", output, StringComparison.Ordinal);
        Assert.InRange(output.Split('\n').Length, 5, 1500);
    }

    [Theory]
    [InlineData("tun0")]
    [InlineData("tap0")]
    public void Traceroutes_end_at_the_first_hop(string device)
    {
        using var echo = Start(device);
        foreach (var way in new[] { "", "-I", "-T" })
        {
            Assert.Contains(" 1  10.18.0.3", _host.Do($"traceroute -n -q 1 -m 3 {way} 10.18.0.3"), StringComparison.Ordinal);
            Assert.Contains(" 1  fd18::3", _host.Do($"traceroute -6 -n -q 1 -m 3 {way} fd18::3"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Neighbours_find_it_by_ARP_and_neighbour_discovery()
    {
        using var echo = Start("tap0", "lladdr 02:00:00:00:00:77");
        Assert.Contains("02:00:00:00:00:77", _host.Do("arping -c 1 -w 5 -I tap0 10.18.0.3"), StringComparison.OrdinalIgnoreCase);
        Assert.False(_host.Run("arping -D -c 2 -w 5 -I tap0 10.18.0.3").Succeeded); // a duplicate is found
        Assert.Contains("02:00:00:00:00:77", _host.Do("ndisc6 -1 -r 5 fd18::3 tap0"), StringComparison.OrdinalIgnoreCase);
        Wait.Until(() => echo.Output.Contains("ARP who has 10.18.0.3, from 10.18.0.1 (", StringComparison.Ordinal), what: "a line");
        Assert.Contains(": told it is at 02:00:00:00:00:77\n", echo.Output, StringComparison.Ordinal);
        Assert.False(_host.Run("arping -c 1 -w 1 -I tap0 10.18.0.4").Succeeded);
    }

    [Fact]
    public void Options_of_IPv4_come_back_filled_in()
    {
        using var echo = Start("tun0");
        Assert.Contains("10.18.0.3", _host.Do("ping -R -c 1 -W 5 10.18.0.3 | sed -n '/RR/,$p'"), StringComparison.Ordinal);
        Assert.Contains("10.18.0.3", _host.Do("ping -T tsandaddr -c 1 -W 5 10.18.0.3 | sed -n '/TS/,$p'"), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_it_nobody_answers()
    {
        _host.Do("ip tuntap add tap0 mode tap", "ip link set tap0 up", "ip address add 10.18.0.1/24 dev tap0");
        Assert.False(_host.Reaches("10.18.0.3"));
        using (var echo = Start("tap0"))
            Wait.Until(() => _host.Reaches("10.18.0.3"), what: "an answer");
        Wait.Until(() => _host.Do("ip link show tap0").Contains("NO-CARRIER", StringComparison.Ordinal), what: "its end");
        Assert.False(_host.Reaches("10.18.0.3"));
    }

    [Theory]
    [InlineData("tun0")]
    [InlineData("tap0")]
    public void A_flood_of_mutated_packets_is_survived(string device)
    {
        using var echo = Start(device, "quiet");
        _host.Do("ping -c 1 -W 5 10.18.0.3");
        var index = _host.Link(device).GetProperty("ifindex").GetInt32();
        using var socket = _host.Enter(() => new Socket(AddressFamily.Packet, SocketType.Raw, ProtocolType.Unspecified));
        var random = new Random(7);
        for (var n = 0; n < 20_000; n++)
        {
            var mutant = Mutate(random, _samples[random.Next(_samples.Length)]);
            var packet = device == "tap0" ? mutant : mutant[14..];
            try
            {
                socket.SendTo(packet, new LinkEndPoint(index, packet[0] >> 4 == 6 ? 0x86DD : 0x0800));
            }
            catch (SocketException)
            {
                // No room in the device's queue, or the kernel refuses it.
            }
        }
        Wait.Until(() => _host.Reaches("10.18.0.3"), what: "an answer");
        Wait.Until(() => _host.Reaches("fd18::3"), what: "an answer");
        echo.Terminate();
        var summary = echo.WaitForExit().Required;
        Assert.Matches(@"InCsumErrors \d{2,}", summary);
        Assert.Matches(@"InHdrErrors \d{2,}", summary);
    }

    [Fact]
    public void What_it_made_goes_with_it_however_it_ends()
    {
        foreach (var end in new Action<RunningCommand>[] { echo => echo.Interrupt(), echo => echo.Terminate(), echo => echo.Kill() })
        {
            using var echo = Start("tap0");
            Assert.True(_host.Has("tap0"));
            end(echo);
            Wait.Until(() => !_host.Has("tap0"), what: "the end of the device");
        }
    }

    [Fact]
    public void What_was_there_before_keeps_its_mode_and_stays()
    {
        _host.Do("ip tuntap add tap-like mode tun", "ip tuntap add tap1 mode tap multi_queue pi vnet_hdr", "ip link set tap1 up");
        using (var echo = Start("tap-like", "", "address 10.18.0.3/24"))
            Assert.Contains("(TUN, was here before, and stays)", echo.Output, StringComparison.Ordinal);
        using (var echo = Start("tap1"))
            _host.Do("ping -c 1 -W 5 10.18.0.3", "ping -c 1 -W 5 fd18::3");
        Assert.True(_host.Has("tap-like"));
        var tap = _host.Link("tap1").GetProperty("linkinfo").GetProperty("info_data");
        foreach (var flag in new[] { "pi", "vnet_hdr", "multi_queue" })
            Assert.True(tap.GetProperty(flag).GetBoolean());
    }

    [Fact]
    public void A_device_that_is_deleted_ends_it_with_a_line()
    {
        using var echo = Start("tap0");
        _host.Do("ip link del tap0");
        var result = echo.WaitForExit();
        Assert.Equal((1, "echo: tap0 is gone: somebody deleted it.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public void It_ends_after_so_many_answers_and_tells_them_in_JSON()
    {
        using var echo = _host.Start($"exec qanat echo dev tun0 {Addresses} count 2 --json");
        Wait.Until(() => _host.Has("tun0"), what: "the device");
        Wait.Until(() => echo.HasExited || _host.Run("ping -c 1 -W 1 10.18.0.3").Succeeded && echo.HasExited, what: "the end");
        var lines = echo.WaitForExit().Required.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var first = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Equal(("EchoReply", "10.18.0.1", 64),
            (first.GetProperty("event").GetString(), first.GetProperty("source").GetString(), first.GetProperty("length").GetInt32()));
        var counters = JsonDocument.Parse(lines[^1]).RootElement.GetProperty("counters");
        Assert.InRange(counters.GetProperty("EchoReply").GetInt64(), 2, long.MaxValue);
    }

    [Theory]
    [InlineData("dev lo address 10.18.0.3/24", 1, "echo: lo is no TUN or TAP device.")]
    [InlineData("dev tun7 mode tap address 10.18.0.3/24", 1, "echo: tun7 exists, and is a TUN, not a TAP.")]
    [InlineData("dev tun7 lladdr 02:00:00:00:00:01 address 10.18.0.3/24", 1, "echo: tun7 is a TUN, which has no Ethernet addresses.")]
    [InlineData("dev tap0 address 10.18.0.256/24", 1, "echo: \"10.18.0.256/24\" is no address of one host")]
    [InlineData("dev tap0", 255, "echo: whose pings?")]
    [InlineData("address 10.18.0.3/24", 255, "echo: which device?")]
    public void What_cannot_be_is_refused_in_one_line(string words, int exitCode, string beginning)
    {
        _host.Do("ip tuntap add tun7 mode tun");
        var result = _host.Run($"qanat echo {words}");
        Assert.Equal(exitCode, result.ExitCode);
        Assert.StartsWith(beginning, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_device_that_another_holds_and_missing_rights_are_told()
    {
        using var echo = Start("tap0");
        var held = _host.Run("qanat echo dev tap0 address 10.18.0.4/24");
        Assert.Equal(1, held.ExitCode);
        Assert.Contains("another program holds it", held.Error, StringComparison.Ordinal);
        var unprivileged = _host.Run("setpriv --reuid 65534 --regid 65534 --clear-groups qanat echo dev tap5 address 10.18.0.4/24");
        Assert.Equal(1, unprivileged.ExitCode);
        Assert.Matches("CAP_NET_ADMIN is missing|no right to read and write", unprivileged.Error);
    }

    private RunningCommand Start(string device, string words = "", string addresses = Addresses)
    {
        var echo = _host.Start(string.Create(CultureInfo.InvariantCulture, $"exec qanat echo dev {device} {addresses} {words}"));
        Wait.Until(() => echo.Output.Contains("\nTry: ", StringComparison.Ordinal) || echo.HasExited,
            what: "qanat echo to be ready");
        Assert.False(echo.HasExited, echo.Error);
        return echo;
    }

    // Frames to 02:00:0a:12:00:03, the address that echo takes for 10.18.0.3: ARP, echo requests, fragments, options, UDP, TCP.
    private static readonly byte[][] _samples =
    [
        Frame("0806", "0001080006040001 020102030405 0a120001 000000000000 0a120003"),
        Frame("0800", "45000024000100004001 667f 0a120001 0a120003 0800b7fb123400090102030405060708 0000000000000000"),
        Frame("0800", "46000028000100004001 0000 0a120001 0a120003 07070400000000 00 0800b7fb12340009 0102030405060708"),
        Frame("0800", "45000024000120004011 0000 0a120001 0a120003 3039829a00100000 0102030405060708 0000000000000000"),
        Frame("0800", "45000028000100004006 0000 0a120001 0a120003 30390050000000640000000050020000 00000000"),
        Frame("86dd", "6000000000103aff fd180000000000000000000000000001 fd180000000000000000000000000003" +
            "8000000012340009 0102030405060708"),
        Frame("86dd", "6000000000182cff fd180000000000000000000000000001 fd180000000000000000000000000003" +
            "3a00000100000007 8000000012340009 0102030405060708"),
        Frame("86dd", "60000000001800ff fd180000000000000000000000000001 fd180000000000000000000000000003" +
            "3a00050200000100 8000000012340009 0102030405060708"),
        Frame("86dd", "6000000000203aff fd180000000000000000000000000001 fd180000000000000000000000000003" +
            "8700000000000000 fd180000000000000000000000000003 0101020102030405"),
    ];

    private static byte[] Frame(string type, string payload) =>
        Convert.FromHexString("02000a120003020102030405" + type + payload.Replace(" ", "", StringComparison.Ordinal));

    // Cuts it, or changes some bytes behind the Ethernet header; half of the IPv4 headers have a right checksum afterwards.
    private static byte[] Mutate(Random random, byte[] sample)
    {
        var mutant = (byte[])sample.Clone();
        for (var changes = random.Next(5); changes > 0; changes--)
            mutant[random.Next(14, mutant.Length)] = (byte)random.Next(256);
        if (random.Next(8) == 0)
            return mutant[..random.Next(15, mutant.Length)];
        if (mutant[14] >> 4 == 4 && (mutant[14] & 0xF) is 5 or 6 && random.Next(2) == 0)
            IPv4Header.UpdateChecksum(mutant.AsSpan(14));
        return mutant;
    }

    /// <summary>Where a packet socket sends to: struct sockaddr_ll (linux/if_packet.h) with a protocol and an interface.</summary>
    private sealed class LinkEndPoint(int index, int protocol) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, 20);
            (address[2], address[3]) = ((byte)(protocol >> 8), (byte)protocol);
            for (var i = 0; i < 4; i++)
                address[4 + i] = (byte)(index >> 8 * i);
            address[11] = 6;
            return address;
        }
    }
}
