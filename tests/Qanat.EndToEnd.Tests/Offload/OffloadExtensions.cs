using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.Offload;

/// <summary>What tests ask of a host whose daemon has the kernel move packets.</summary>
internal static partial class OffloadExtensions
{
    /// <summary>What the daemons of a host have said.</summary>
    public static string Log(this TestNamespace host) =>
        Path.Combine(host.RunDirectory, $"{host.Inode}.log") is var log && File.Exists(log) ? File.ReadAllText(log) : "";

    /// <summary>What the daemon that runs said last of a tunnel: <c>offloaded</c>, <c>not offloaded: WHY</c>; empty for nothing.</summary>
    public static string Offload(this TestNamespace host, string tunnel = "tun1")
    {
        var start = $"qanat[{host.Daemon()}]: {tunnel}: ";
        var last = host.Log().Split('\n').LastOrDefault(line =>
            line.StartsWith(start, StringComparison.Ordinal) && line.Contains("offloaded", StringComparison.Ordinal));
        return last?[start.Length..] ?? "";
    }

    /// <summary>Waits until the kernel moves a tunnel's packets both ways.</summary>
    public static void WaitUntilOffloaded(this TestNamespace host, string tunnel = "tun1")
    {
        // The log may speak of an earlier tunnel of that name, but that had another index.
        var index = host.Link(tunnel).GetProperty("ifindex").GetInt32();
        Wait.Until(() => host.Offload(tunnel) == "offloaded" && host.Programs() is var programs &&
                programs.Contains($"egress of {index}") && programs.Any(program => program.StartsWith("ingress", StringComparison.Ordinal)),
            what: $"{tunnel} to be offloaded, which is \"{host.Offload(tunnel)}\"");
    }

    /// <summary>Waits until the kernel no longer moves a tunnel's packets, for somebody is to look at them.</summary>
    public static void WaitUntilInspected(this TestNamespace host, string tunnel = "tun1") => Wait.Until(
        () => host.Offload(tunnel) == "not offloaded: netfilter or IPsec looks at packets", what: $"{tunnel} to be left to the daemon");

    /// <summary>Whether the kernel moves packets, as the daemon's features say it.</summary>
    public static string Bpf(this TestNamespace host) =>
        host.Get("/v1/status").GetProperty("features").GetProperty("bpf").GetString()!;

    /// <summary>How many packets, super-packets as one, a tunnel's device has handed to the daemon and taken from it.</summary>
    public static long ByDaemon(this TestNamespace host, string tunnel = "tun1")
    {
        var counters = host.Link(tunnel).GetProperty("stats64");
        return Count(counters.GetProperty("tx")) + Count(counters.GetProperty("rx"));

        static long Count(JsonElement counters) => counters.GetProperty("packets").GetInt64();
    }

    /// <summary>What the tunnel itself has counted, whoever moved it: <c>txPackets</c>.</summary>
    public static long Counted(this TestNamespace host, string counter, string tunnel = "tun1") =>
        host.Tunnel(tunnel).GetProperty("counters").GetProperty(counter).GetInt64();

    /// <summary>The programs that the daemon has at devices: <c>egress of 3</c>, by the device's index.</summary>
    public static IReadOnlyList<string> Programs(this TestNamespace host) => host.Daemon() is { } daemon
        ? [.. Directory.EnumerateFiles($"/proc/{daemon}/fdinfo").Select(ProgramOf).OfType<string>()]
        : [];

    /// <summary>Sends a datagram, and asserts that the other host gets it bit by bit.</summary>
    public static async Task SendDatagramAsync(this TestNamespace sender, TestNamespace receiver, string address, int length)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var sent = RandomNumberGenerator.GetBytes(length);
        using var to = receiver.Enter(() => new UdpClient(new IPEndPoint(IPAddress.Parse(address), 7001)));
        using var from = sender.Enter(() => new UdpClient(address, 7001));
        await from.SendAsync(sent, cancellation);
        var received = await to.ReceiveAsync(cancellation).AsTask().WaitAsync(Wait.Limit, cancellation);
        Assert.Equal(sent, received.Buffer);
    }

    /// <summary>Sends an IPv4 packet whose header is in it.</summary>
    public static void SendRaw(this TestNamespace host, byte[] packet, string destination) => host.Enter(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw);
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
        return socket.SendTo(packet, new IPEndPoint(IPAddress.Parse(destination), 0));
    });

    // What the kernel says of a BPF link that is a descriptor; null for another descriptor.
    private static string? ProgramOf(string file)
    {
        try
        {
            var link = TcxLink.Match(File.ReadAllText(file));
            return link.Success ? $"{link.Groups[2]} of {link.Groups[1]}" : null;
        }
        catch (IOException)
        {
            return null; // closed meanwhile
        }
    }

    [GeneratedRegex(@"link_type:\ttcx\n[\s\S]*ifindex:\t(\d+)\nattach_type:\t\d+ \((\w+)\)")]
    private static partial Regex TcxLink { get; }
}
