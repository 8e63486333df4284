using System.Buffers.Binary;
using Qanat.Packets;
using Qanat.WireGuard.Tests.Simulation;
using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

public class ProbingTests
{
    private const int Outer = IPv4Header.MinSize + UdpHeader.Size, Overhead = Outer + TransportMessage.MinSize;

    [Fact]
    public void Each_end_measures_its_own_direction()
    {
        using var hosts = Narrow(leftMtu: 1400, rightMtu: 1333);
        Talk(hosts, 60);
        Assert.Equal((1400, 1333), (hosts.RightAtLeft.PathMtu, hosts.LeftAtRight.PathMtu));
        Assert.Equal((1400 - Overhead, 1333 - Overhead), (hosts.Left.Device.PathMtu, hosts.Right.Device.PathMtu));
        Assert.True(hosts.RightAtLeft.IsQanat);
        Assert.InRange(hosts.RightAtLeft.Rtt!.Value.TotalMilliseconds, 1, 5);
    }

    [Fact]
    public void A_black_hole_under_traffic_is_found_within_ten_seconds_and_what_fits_arrives_whole()
    {
        using var hosts = Narrow(1500, 1500);
        Talk(hosts, 60);
        Assert.Equal(1420, hosts.Left.Device.PathMtu);
        hosts.Network.Largest = _ => 1300 - Outer;
        Talk(hosts, 10);
        Assert.InRange(hosts.Left.Device.PathMtu, 1200 - Overhead, 1300 - Overhead);
        Talk(hosts, 30);
        Assert.Equal(1300 - Overhead, hosts.Left.Device.PathMtu);
        hosts.Right.Arrived.Clear();
        hosts.Left.Send(hosts.Right, 7, 1300 - Overhead); // its padding does not make it too large
        hosts.Network.Run(0.1);
        Assert.Equal([7UL], hosts.Right.Arrived);
    }

    [Fact]
    public void The_sender_of_what_is_too_large_is_told()
    {
        using var hosts = Narrow(1400, 1400);
        Talk(hosts, 60);
        hosts.Forget();
        hosts.Left.ArrivedOther.Clear();
        hosts.Left.Send(hosts.Right, 7, 1400);
        hosts.Network.Run(0.1);
        Assert.Empty(hosts.Right.Arrived);
        var error = Assert.Single(hosts.Left.ArrivedOther);
        Assert.True(IPv4Header.TryParse(error, out var ip) && IcmpHeader.TryParse(ip.Payload, out var icmp) && icmp.HasValidChecksum &&
            icmp.Type == IcmpType.DestinationUnreachable && icmp.NextHopMtu == 1400 - Overhead && ip.Source == hosts.Right.Inner &&
            ip.Destination == hosts.Left.Inner);
        Assert.Equal(1, hosts.RightAtLeft.Counters.Dropped(DropReason.PacketTooBig));
    }

    [Fact]
    public void The_SYNs_of_both_ends_name_what_arrives()
    {
        using var hosts = Narrow(1400, 1500);
        Talk(hosts, 60);
        foreach (var (from, to) in (ReadOnlySpan<(SimulatedHost, SimulatedHost)>)[(hosts.Left, hosts.Right), (hosts.Right, hosts.Left)])
        {
            to.ArrivedOther.Clear();
            from.Send(Syn(from.Inner, to.Inner));
            hosts.Network.Run(0.1);
            Assert.Equal(1400 - Overhead - 40, BinaryPrimitives.ReadUInt16BigEndian(Assert.Single(to.ArrivedOther).AsSpan(42)));
        }
    }

    [Fact]
    public void An_end_that_is_not_Qanat_is_asked_by_echo_requests_at_its_own_address()
    {
        using var hosts = Narrow(1400, 1400);
        hosts.Right.Device.ProbesPaths = false;
        hosts.Right.Device.HandleControl(ControlMessageType.Probe, null);
        hosts.Left.Device.FindInnerAddress = isIPv6 => isIPv6 ? null : hosts.Left.Inner;
        Talk(hosts, 60);
        // Its answers are padded to 16 bytes, and have to arrive as well.
        Assert.Equal((1400 - 12, false), (hosts.RightAtLeft.PathMtu, hosts.RightAtLeft.IsQanat));
        Assert.Empty(hosts.Left.ArrivedOther); // the answers are nobody else's business
        Assert.NotEmpty(hosts.Right.ArrivedOther);
    }

    [Fact]
    public void Nothing_is_sent_into_networks_behind_a_peer()
    {
        using var hosts = Narrow(1400, 1400);
        hosts.Right.Device.ProbesPaths = false;
        hosts.Right.Device.HandleControl(ControlMessageType.Probe, null);
        hosts.Left.Device.FindInnerAddress = _ => hosts.Left.Inner;
        hosts.Left.Device.DisallowAll(hosts.RightAtLeft);
        hosts.Left.Device.Allow(hosts.RightAtLeft, new(hosts.Right.Inner, 31));
        Talk(hosts, 60);
        Assert.Empty(hosts.Right.ArrivedOther);
        Assert.Null(hosts.RightAtLeft.PathMtu);
    }

    [Fact]
    public void A_tunnel_over_which_nobody_talks_falls_silent()
    {
        using var hosts = Narrow(1400, 1400);
        Talk(hosts, 60);
        hosts.Network.Run(200);
        hosts.Forget();
        hosts.Network.Run(3600);
        Assert.Empty(hosts.Seen);
    }

    [Fact]
    public void One_narrow_path_is_its_peers_alone_and_one_that_is_gone_nobodys()
    {
        using var hosts = Narrow(1400, 1400);
        Talk(hosts, 60);
        var third = hosts.Network.AddHost(2);
        var thirdAtLeft = hosts.Left.Meet(third);
        third.Meet(hosts.Left);
        hosts.Left.Send(third, 1);
        hosts.Network.Largest = sender => (sender == third ? 1500 : 1400) - Outer;
        hosts.Network.Run(0.1);
        Assert.True(thirdAtLeft.HasSession);
        Assert.Equal(1420, hosts.Left.Device.PathMtu); // of the third nothing is known yet
        hosts.Left.Device.Remove(thirdAtLeft);
        Assert.Equal(1400 - Overhead, hosts.Left.Device.PathMtu);
        hosts.Left.Device.Remove(hosts.RightAtLeft);
        Assert.Equal(1420, hosts.Left.Device.PathMtu);
    }

    [Fact]
    public void More_than_users_want_is_not_measured()
    {
        using var hosts = Narrow(1500, 1500);
        hosts.Left.Device.LargestMtu = hosts.Left.Device.Mtu = 1300;
        Talk(hosts, 60, 1300);
        Assert.Equal((1300 + Overhead, 1300), (hosts.RightAtLeft.PathMtu, hosts.Left.Device.PathMtu));
        Assert.True(hosts.Seen.Where(seen => seen.Sender == hosts.Left).Max(seen => seen.Datagram.Length) <= 1300 + Overhead - Outer);
    }

    private static TwoHosts Narrow(int leftMtu, int rightMtu)
    {
        var hosts = new TwoHosts().Connect();
        hosts.Left.Device.ProbesPaths = hosts.Right.Device.ProbesPaths = true;
        hosts.Network.Largest = sender => (sender == hosts.Left ? leftMtu : rightMtu) - Outer;
        return hosts;
    }

    // Packets in both directions, as large as they are wanted to be, until it is told that they are too large; some are lost.
    private static void Talk(TwoHosts hosts, double seconds, int length = 1420)
    {
        for (var i = 0; i < 10 * seconds; i++)
        {
            hosts.Left.Send(hosts.Right, 1, Math.Min(length, hosts.Left.Device.PathMtu));
            hosts.Right.Send(hosts.Left, 1, Math.Min(length, hosts.Right.Device.PathMtu));
            hosts.Network.Run(0.1);
        }
    }

    private static byte[] Syn(IPv4Address source, IPv4Address destination)
    {
        var packet = new byte[44];
        IPv4Header.Write(packet, 0, packet.Length, 0, true, 64, IpProtocol.Tcp, source, destination);
        packet[32] = 6 << 4;
        packet[33] = (byte)TcpFlags.Syn;
        byte[] option = [2, 4, 0x05, 0xB4];
        option.CopyTo(packet, 40);
        return packet;
    }
}
