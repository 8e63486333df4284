using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Sockets;

public sealed class MulticastTests : IDisposable
{
    private const byte Experiment = 253; // RFC 3692

    private readonly UdpHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Theory]
    [InlineData("239.1.1.1", true)]
    [InlineData("239.1.1.1", false)]
    [InlineData("ff05::7:7", true)]
    [InlineData("ff05::7:7", false)]
    public void Packets_to_a_group_come_in_while_it_is_joined_and_never_to_their_sender(string text, bool udp)
    {
        var group = UdpHosts.Address(text);
        using var far = Open(_hosts.B, group.IsIPv6, udp);
        using var near = Open(_hosts.A, group.IsIPv6, udp);
        var link = _hosts.B.IndexOf("eth0");
        near.Join(group, _hosts.A.IndexOf("eth0"));
        Assert.Equal([2], Arriving());
        far.Join(group, link);
        far.Join(group, link);
        Assert.Equal([1, 2], Arriving());
        far.Leave(group, link);
        far.Leave(group, link);
        Assert.Equal([2], Arriving());
        Assert.False(near.Wait(TimeSpan.Zero));

        // Sends 1 to the group and 2 to the host alone, and waits for the latter.
        List<byte> Arriving()
        {
            using var batch = new PacketBatch();
            batch.TryAdd(Packet(1, group));
            batch.TryAdd(Packet(2, _hosts.AddressOf(_hosts.B, group.IsIPv6)));
            (batch[0].Link, batch[1].Link) = (_hosts.A.IndexOf("eth0"), _hosts.A.IndexOf("eth0"));
            Assert.Equal(2, near.Send(batch));
            var numbers = new List<byte>();
            while (!numbers.Contains(2))
            {
                using var arrived = far.ReceiveAtLeast(1);
                for (var i = 0; i < arrived.Count; i++)
                {
                    numbers.Add(arrived.Bytes(i)[^1]);
                    var destination = arrived.Bytes(i)[(group.IsIPv6 ? 24 : 16)..];
                    Assert.Equal(numbers[^1] == 1, group == (group.IsIPv6 ? IPv6Address.Read(destination) : IPv4Address.Read(destination)));
                }
            }

            return numbers;
        }

        byte[] Packet(byte number, IpAddress destination)
        {
            var packet = _hosts.ToB([number], group.IsIPv6, destination: destination);
            if (!udp)
                packet[group.IsIPv6 ? 6 : 9] = Experiment;
            if (!group.IsIPv6)
                IPv4Header.UpdateChecksum(packet);
            return packet;
        }
    }

    [Fact]
    public void What_cannot_be_joined_is_named()
    {
        using var socket = Open(_hosts.A, isIPv6: false, udp: true);
        var failure = Assert.Throws<LinuxException>(() => socket.Join(UdpHosts.Address("10.1.1.1"), 0));
        Assert.Equal((Errno.EINVAL, "join the group 10.1.1.1"), (failure.Error, failure.Operation));
        Assert.Equal(Errno.ENODEV, Assert.Throws<LinuxException>(() => socket.Join(UdpHosts.Address("239.1.1.1"), 9999)).Error);
        const int ENOPROTOOPT = 92;
        Assert.Equal(ENOPROTOOPT, Assert.Throws<LinuxException>(() => socket.Join(UdpHosts.Address("ff05::7:7"), 0)).Error);
        Assert.Equal(ENOPROTOOPT, Assert.Throws<LinuxException>(() => socket.Leave(UdpHosts.Address("ff05::7:7"), 0)).Error);

        _hosts.A.Do("sysctl -qw net.ipv4.igmp_max_memberships=2");
        var link = _hosts.A.IndexOf("eth0");
        socket.Join(UdpHosts.Address("239.1.1.1"), link);
        socket.Join(UdpHosts.Address("239.1.1.2"), link);
        failure = Assert.Throws<LinuxException>(() => socket.Join(UdpHosts.Address("239.1.1.3"), link));
        Assert.Equal((Errno.ENOBUFS, "raise net.ipv4.igmp_max_memberships"), (failure.Error, failure.Hint));
    }

    private static SocketPort Open(TestNamespace host, bool isIPv6, bool udp) => host.Enter<SocketPort>(() => (udp, isIPv6) switch
    {
        (true, _) => UdpSocket.Open(new() { Address = IpAddress.Any(isIPv6), Port = UdpHosts.Port }),
        (false, true) => RawIpv6Socket.Open(new() { Protocol = Experiment }),
        (false, false) => RawIpSocket.Open(new() { Protocol = Experiment }),
    });
}
