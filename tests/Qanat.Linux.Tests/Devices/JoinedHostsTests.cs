using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Qanat.Linux.Devices;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Devices;

/// <summary>Two kernels' stacks talk through a pair of our ports.</summary>
public class JoinedHostsTests
{
    private const int Megabytes = 50;
    private static readonly TunOptions Finished = new() { VnetHeader = true, Offloads = TunOffloads.None };
    private static readonly TunOptions Bare = new();
    private static readonly TunOptions Full = new() { VnetHeader = true, LinkType = TunOptions.ARPHRD_TUNNEL };

    public static TheoryData<TunOptions, TunOptions> Pairs => new()
    {
        { Full, Full },
        { Finished, Finished },
        { Full, Finished },
        { Bare, Bare },
        { Full with { Mode = TunMode.Tap, LinkType = null }, Full with { Mode = TunMode.Tap, LinkType = null } },
        { Bare with { Mode = TunMode.Tap }, Bare with { Mode = TunMode.Tap } },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Pings_and_fragments_pass(TunOptions left, TunOptions right)
    {
        using var hosts = new JoinedHosts(left, right);
        hosts.A.Do($"ping -c 3 -i 0.01 -W 5 {JoinedHosts.AddressOfB}", $"ping -c 2 -i 0.01 -W 5 -s 4000 {JoinedHosts.AddressOfB}");
        hosts.B.Do($"ping -c 3 -i 0.01 -W 5 {JoinedHosts.AddressOfA}");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Fifty_megabytes_of_TCP_arrive_intact(TunOptions left, TunOptions right)
    {
        using var hosts = new JoinedHosts(left, right);
        Assert.Equal(SendThrough(hosts, JoinedHosts.AddressOfB, out var received), received);
        foreach (var host in (TestNamespace[])[hosts.A, hosts.B])
            Assert.Matches(@"TcpInCsumErrors\s+0\s", host.Do("nstat -az TcpInCsumErrors"));
        if (left.VnetHeader && left.Offloads != TunOffloads.None)
            Assert.True(hosts.FromA.SuperPackets > 0 && hosts.FromA.Longest > 10_000);
        else
            Assert.True(hosts.FromA.SuperPackets == 0 && hosts.FromA.Longest <= 1514);
    }

    [Fact]
    public void What_a_VXLAN_carries_passes_as_super_packets_where_the_kernel_has_them()
    {
        using var hosts = new JoinedHosts(Full with { Mode = TunMode.Tap, LinkType = null, Offloads = TunOffloads.All });
        foreach (var (host, far, address) in (ReadOnlySpan<(TestNamespace, string, string)>)[
            (hosts.A, JoinedHosts.AddressOfB, "10.8.0.1"), (hosts.B, JoinedHosts.AddressOfA, "10.8.0.2")])
            host.Do($"ip link add vx type vxlan id 7 remote {far} dstport 4789 dev q0",
                $"ip addr add {address}/24 dev vx", "ip link set vx up");
        Assert.Equal(SendThrough(hosts, "10.8.0.2", out var received), received);
        Assert.Equal(0, hosts.PortOfB.Errors.Refused);
        Assert.Equal(hosts.PortOfA.Offloads.Granted.HasFlag(TunOffloads.UdpTunnel), hosts.FromA.SuperPackets > 0);
    }

    [Fact]
    public void A_device_deleted_underneath_ends_its_handler_alone()
    {
        using var hosts = new JoinedHosts(Full);
        hosts.A.Do("ip link delete q0");
        Wait.Until(() => hosts.FromA.Fault is PortClosedException, what: "the handler to be told");
        Assert.Null(hosts.FromB.Fault);
    }

    // Returns the hash of what was sent, and gives that of what arrived.
    private static byte[] SendThrough(JoinedHosts hosts, string address, out byte[] received)
    {
        var end = new IPEndPoint(IPAddress.Parse(address), 5000);
        using var listener = hosts.B.Enter(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(end);
            socket.Listen();
            return socket;
        });
        using var sender = hosts.A.Enter(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        var receiving = Task.Run(() =>
        {
            using var receiver = new NetworkStream(listener.Accept(), ownsSocket: true);
            return SHA256.HashData(receiver);
        });
        sender.SendTimeout = 20_000; // milliseconds: a wire that loses everything fails rather than hangs
        sender.Connect(end);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[1 << 20];
        for (var i = 0; i < Megabytes; i++)
        {
            Random.Shared.NextBytes(block);
            hash.AppendData(block);
            for (var sent = 0; sent < block.Length;)
                sent += sender.Send(block.AsSpan(sent));
        }

        sender.Shutdown(SocketShutdown.Send);
        Assert.True(receiving.Wait(Wait.Limit), "The transfer did not end.");
        received = receiving.Result;
        return hash.GetHashAndReset();
    }
}
