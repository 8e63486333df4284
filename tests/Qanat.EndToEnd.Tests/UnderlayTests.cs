using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>Wires that are not like the experiment's.</summary>
public sealed class UnderlayTests : IDisposable
{
    private readonly TwoHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public async Task Jumbo_frames_carry_jumbo_packets()
    {
        Both("ip link set eth0 mtu 9000");
        AddTunnels();
        Assert.Equal(8980, _hosts.A.Link("tun1").GetProperty("mtu").GetInt32());

        using var wire = new Capture(_hosts.A, "eth0", "ip proto 4 and greater 9000");
        _hosts.A.Do($"ping -c 3 -i 0.2 -W 10 -M do -s 8952 {Experiment.InnerB}");
        Assert.All(wire.WaitFor(3), packet => Assert.Equal(9000, new IPv4Fields(packet).TotalLength));
        await _hosts.A.TransferAsync(_hosts.B, Experiment.InnerB);
    }

    [Fact]
    public async Task A_receiver_whose_kernel_has_already_joined_the_outer_packets_gets_every_bit()
    {
        // Then the raw socket sees packets of up to 64 KiB, their inner checksums left partial.
        Both("ethtool -K eth0 gro on");
        AddTunnels();
        await _hosts.A.TransferAsync(_hosts.B, Experiment.InnerB);
        await _hosts.B.TransferAsync(_hosts.A, Experiment.InnerA);
    }

    [Fact]
    public async Task A_wire_that_loses_its_neighbour_entries_goes_on()
    {
        AddTunnels();
        var transfer = _hosts.A.TransferAsync(_hosts.B, Experiment.InnerB);
        while (!transfer.IsCompleted)
        {
            _hosts.A.Run("ip neigh flush dev eth0");
            await Task.WhenAny(transfer, Task.Delay(50, TestContext.Current.CancellationToken));
        }
        await transfer;
    }

    [Fact]
    public void Rules_that_look_at_the_source_decide_the_wire()
    {
        TestNamespace.Join(_hosts.A, "eth1", _hosts.B, "eth1");
        _hosts.A.Do("ip addr add 10.20.0.1/24 dev eth1", "ip addr add 10.30.0.1/32 dev lo",
            "ip rule add from 10.30.0.1 lookup 100", $"ip route add {TwoHosts.AddressOfB} dev eth1 table 100");
        _hosts.B.Do("ip addr add 10.20.0.2/24 dev eth1", "ip route add 10.30.0.1 dev eth1", "sysctl -qw net.ipv4.conf.all.rp_filter=0",
            "sysctl -qw net.ipv4.conf.eth1.rp_filter=0");
        AddTunnels(local: "10.30.0.1");

        using var wire = new Capture(_hosts.A, "eth1", "ip proto 4 and src host 10.30.0.1");
        for (var i = 0; i < 5; i++) // the first by the socket, the others by the ring
            Assert.True(_hosts.A.Reaches(Experiment.InnerB));
        wire.WaitFor(5);
    }

    [Fact]
    public void Without_a_remote_rules_that_look_at_the_inner_source_choose_the_far_end()
    {
        _hosts.A.Do($"qanat tunnel add nbma mode ipip local {TwoHosts.AddressOfA}", "ip link set nbma up",
            "ip addr add 172.20.0.9/32 dev nbma",
            "ip rule add from 172.20.0.9 lookup 88", $"ip route add 172.30.0.1 via {TwoHosts.AddressOfB} dev nbma onlink table 88");
        _hosts.B.Do($"qanat tunnel add back mode ipip local {TwoHosts.AddressOfB} remote {TwoHosts.AddressOfA}", "ip link set back up",
            "ip addr add 172.30.0.1 peer 172.20.0.9 dev back");
        _hosts.A.Do("ping -c 2 -i 0.2 -W 10 -I 172.20.0.9 172.30.0.1");
    }

    [Fact]
    public void Tunnels_that_differ_in_their_device_alone_each_get_what_came_by_it()
    {
        // A is behind both wires with one address; B tells the two apart by the wire.
        TestNamespace.Join(_hosts.A, "eth1", _hosts.B, "eth1");
        _hosts.B.Do("ip addr add 10.10.50.186/32 dev eth1", "sysctl -qw net.ipv4.conf.all.rp_filter=0",
            "sysctl -qw net.ipv4.conf.eth1.rp_filter=0",
            $"qanat tunnel add t0 mode ipip remote {TwoHosts.AddressOfA} local {TwoHosts.AddressOfB} dev eth0",
            $"qanat tunnel add t1 mode ipip remote {TwoHosts.AddressOfA} local {TwoHosts.AddressOfB} dev eth1",
            "ip link set t0 up", "ip link set t1 up");
        _hosts.A.Do($"qanat tunnel add t1 mode ipip remote {TwoHosts.AddressOfB} local {TwoHosts.AddressOfA} dev eth1",
            $"ip route add {TwoHosts.AddressOfB} dev eth1 metric 1", "ip link set t1 up", "ip addr add 10.0.0.1/24 dev t1");

        _hosts.A.Run("ping -c 3 -i 0.2 -W 1 10.0.0.2");
        Assert.Equal(0, _hosts.B.Tunnel("t0").GetProperty("counters").GetProperty("rxPackets").GetInt64());
        Assert.Equal(3, _hosts.B.Tunnel("t1").GetProperty("counters").GetProperty("rxPackets").GetInt64());
    }

    [Fact]
    public void A_sender_with_the_same_link_local_address_on_two_tunnels_hears_of_the_one_it_used()
    {
        Both("ip link set eth0 mtu 1350");
        foreach (var (name, remote) in new[] { ("gre1", TwoHosts.AddressOfB), ("gre2", "10.10.50.99") })
            _hosts.A.Do($"qanat tunnel add {name} mode gre remote {remote} local {TwoHosts.AddressOfA} ttl 64",
                $"ip link set {name} up mtu 1480", $"ip addr add fe80::7/64 dev {name} nodad");
        foreach (var name in new[] { "gre1", "gre2" })
            Assert.Contains($"From fe80::7%{name} icmp_seq=1 Packet too big: mtu=1326",
                _hosts.A.Run($"ping -6 -c 1 -W 10 -M do -s 1400 -I fe80::7%{name} fe80::1%{name}").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_is_joined_once_there_is_a_route_to_it()
    {
        foreach (var (host, local, end) in new[] { (_hosts.A, TwoHosts.AddressOfA, 1), (_hosts.B, TwoHosts.AddressOfB, 2) })
            host.Do($"qanat tunnel add g1 mode gre remote 239.1.1.1 local {local}", "ip link set g1 up",
                $"ip addr add 10.9.0.{end}/24 dev g1");
        Assert.False(IsIn(_hosts.A) || IsIn(_hosts.B));
        Both("ip route add 239.0.0.0/8 dev eth0");
        Wait.Until(() => IsIn(_hosts.A) && IsIn(_hosts.B), what: "both to be in the group");
        Assert.True(_hosts.A.Reaches("10.9.0.2"));

        static bool IsIn(TestNamespace host) => host.Do("ip maddr show dev eth0").Contains("239.1.1.1", StringComparison.Ordinal);
    }

    private void Both(string command)
    {
        _hosts.A.Do(command);
        _hosts.B.Do(command);
    }

    private void AddTunnels(string local = TwoHosts.AddressOfA)
    {
        _hosts.A.Do($"qanat tunnel add tun1 mode ipip remote {TwoHosts.AddressOfB} local {local}",
            "ip link set tun1 up", $"ip a add {Experiment.InnerA} peer {Experiment.InnerB} dev tun1");
        _hosts.B.Do($"qanat tunnel add tun1 mode ipip remote {local} local {TwoHosts.AddressOfB}",
            "ip link set tun1 up", $"ip a add {Experiment.InnerB} peer {Experiment.InnerA} dev tun1");
    }
}
