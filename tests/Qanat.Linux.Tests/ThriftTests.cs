using System.Net;
using System.Net.Sockets;
using Qanat.Linux.Bpf;
using Qanat.Linux.Devices;
using Qanat.Linux.Events;
using Qanat.Linux.Netfilter;
using Qanat.Linux.Ports;
using Qanat.Linux.Sockets;
using Qanat.Linux.Tests.Bpf;
using Qanat.Linux.Xfrm;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests;

/// <summary>Ports leave no descriptor open, and no garbage behind.</summary>
public sealed class ThriftTests : IDisposable
{
    private const byte Experiment = 253; // RFC 3692

    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Two_hundred_ports_and_workers_opened_and_closed_leave_no_descriptor_open()
    {
        _host.Enter(() =>
        {
            Cycle();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            var before = Descriptors();
            for (var i = 0; i < 200; i++)
                Cycle();
            Assert.Equal(before, Descriptors());
        });

        // The runtime opens assemblies as it goes along; what a port may leave open is of these kinds.
        static int Descriptors() => new DirectoryInfo("/proc/self/fd").EnumerateFiles()
            .Select(file => file.LinkTarget ?? "")
            .Count(target => target == "/dev/net/tun" || target.Split(':')[0] is "anon_inode" or "socket");

        static void Cycle()
        {
            using var device = TunDevice.Open("q0");
            using var socket = RawIpSocket.Open(new() { Protocol = Experiment });
            using var socket6 = RawIpv6Socket.Open(new() { Protocol = Experiment });
            using var udp = UdpSocket.Open(new());
            using var pool = UdpPortPool.Open(new(), 2);
            using var ring = PacketRing.Open(1500, 16);
            using var hooks = new NetfilterHooks();
            using var policies = new IpsecPolicies();
            using var worker = new Worker();
            using var map = BpfMap.CreateHash("qt_map", 4, 4, 1);
            using var program = BpfProgram.LoadClassifier("qt_next", Programs.Give(Programs.TCX_NEXT));
            using var link = BpfLink.Attach(program, device.Index, BpfHook.TcxEgress);
            device.Wait(TimeSpan.Zero);
            Assert.Throws<LinuxException>(() => TunDevice.Open("q0"));
            Assert.Throws<LinuxException>(() => RawIpSocket.Open(new() { Protocol = Experiment, ErrorsAbout = [4] }));
            Assert.Throws<LinuxException>(() => RawIpv6Socket.Open(new() { Protocol = Experiment, ErrorsAbout = [4] }));
            Assert.Throws<LinuxException>(() => UdpSocket.Open(new() { Port = udp.Port }));
            Assert.Throws<LinuxException>(() => BpfProgram.LoadClassifier("qt_empty", new()));
            Assert.Throws<LinuxException>(() => BpfLink.Attach(program, int.MaxValue, BpfHook.TcxEgress));
        }
    }

    [Fact]
    public void A_warm_TUN_allocates_nothing()
    {
        using var device = _host.Enter(() => TunDevice.Open("q0", new() { LinkType = TunOptions.ARPHRD_TUNNEL }));
        _host.Do("ip addr add 10.7.0.1/24 dev q0", "ip link set q0 up");
        using var socket = _host.Enter(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Connect(new IPEndPoint(IPAddress.Parse("10.7.0.2"), 9));
        var payload = new byte[1000];
        AssertThrifty(device, () => socket.Send(payload));
    }

    [Fact]
    public void A_warm_raw_socket_allocates_nothing()
    {
        using var port = _host.Enter(() => RawIpSocket.Open(new() { Protocol = Experiment, ReceiveLink = true }));
        using var first = new PacketBatch(1);
        first.TryAdd(Testbed.Packet("127.0.0.1", "127.0.0.1", Experiment, new byte[1000]));
        AssertThrifty(port, () => port.Send(first));
    }

    [Fact]
    public void A_warm_raw_IPv6_socket_allocates_nothing()
    {
        using var port = _host.Enter(() => RawIpv6Socket.Open(new() { Protocol = Experiment, ReceiveLink = true }));
        using var first = new PacketBatch(1);
        first.TryAdd(1040, 0, out _);
        var loopback = new IPv6Address(1);
        IPv6Header.Write(first.Bytes(0), 0, 7, 1000, (IpProtocol)Experiment, 64, loopback, loopback);
        AssertThrifty(port, () => port.Send(first));
    }

    // What a round sends to itself, the next receives: single datagrams and such as can leave in one message.
    [Fact]
    public void A_warm_UDP_socket_and_a_pool_allocate_nothing()
    {
        using var port = _host.Enter(() => UdpSocket.Open(new() { Coalesce = false }));
        using var pool = _host.Enter(() => UdpPortPool.Open(new(), 2));
        using var batch = new PacketBatch();
        while (batch.Count < 10)
        {
            batch.TryAdd(1028, PacketBatch.DefaultHeadroom, out var index);
            var loopback = new IPv4Address(0x7F000001);
            IPv4Header.Write(batch.Bytes(index), 0, 1028, 0, index > 5, 64, IpProtocol.Udp, loopback, loopback);
            UdpHeader.Write(batch.Bytes(index)[20..], (ushort)index, port.Port, 1008, checksum: 1);
        }

        AssertThrifty(port, () => pool.Send(batch));
    }

    [Fact]
    public void A_warm_ring_allocates_nothing()
    {
        using var ring = _host.Enter(() => PacketRing.Open(1500));
        _host.Do("ip link add q0 type veth peer name q1", "ip link set q0 up", "ip link set q1 up");
        var link = _host.IndexOf("q0");
        using var batch = new PacketBatch();
        while (batch.Count < 100)
            batch.TryAdd(Testbed.Packet("10.7.0.1", "10.7.0.2", Experiment, new byte[1000]));
        var address = new byte[6];
        var sent = 0;
        Round();
        Allocations.AssertNone(packets: 100 * 100, () =>
        {
            for (var i = 0; i < 100; i++)
                Round();
        });
        Assert.Equal(101 * 100, sent);

        void Round() => sent += ring.Send(batch, 0, 100, link, address, address);
    }

    [Fact]
    public void Asking_for_hooks_and_policies_allocates_nothing()
    {
        _host.Do("nft add table ip t", "nft 'add chain ip t c { type filter hook output priority 0; }'");
        _host.Enter(() =>
        {
            using var hooks = new NetfilterHooks();
            using var policies = new IpsecPolicies();
            Assert.True(hooks.AnyOutput() && !policies.AnyOutput());
            Allocations.AssertNone(packets: 1000, () =>
            {
                for (var i = 0; i < 1000; i++)
                    _ = hooks.AnyOutput() | policies.AnyOutput();
            });
        });
    }

    // One packet is put in each round; it is received and sent (back).
    private static void AssertThrifty(KernelPort port, Action feed)
    {
        using var batch = new PacketBatch();
        var received = 0;
        Round();
        Allocations.AssertNone(packets: 1000, () =>
        {
            for (var i = 0; i < 1000; i++)
                Round();
        });
        Assert.InRange(received, 1000, int.MaxValue);

        void Round()
        {
            feed();
            port.Wait(TimeSpan.FromSeconds(1));
            batch.Clear();
            received += port.Receive(batch);
            port.Send(batch);
        }
    }
}
