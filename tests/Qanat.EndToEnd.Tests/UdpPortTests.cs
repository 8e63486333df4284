using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>UDP ports of tunnels: which of them may stand beside each other, and which ones packets leave from.</summary>
public sealed class UdpPortTests : IDisposable
{
    private const string A = TwoHosts.AddressOfA, B = TwoHosts.AddressOfB, OtherA = "10.10.50.72", OtherB = "10.10.50.187";
    private const string InUse = "RTNETLINK answers: Address already in use\n";
    private const string L2tp = $"qanat l2tp add tunnel tunnel_id 9 peer_tunnel_id 9 udp_sport 5555 udp_dport 5555 local {A} remote {B}";

    private readonly TwoHosts _hosts = new();

    public UdpPortTests()
    {
        _hosts.A.Do($"ip addr add {OtherA}/24 dev eth0");
        _hosts.B.Do($"ip addr add {OtherB}/24 dev eth0");
    }

    public void Dispose() => _hosts.Dispose();

    // Texts and codes are those of iproute2 on Linux 6.1. VXLAN opens its port there when its device comes up.
    [Theory]
    [InlineData("qanat fou add port 5555 ipproto 4")]
    [InlineData("qanat fou add port 5555 gue")]
    [InlineData($"qanat fou add port 5555 ipproto 4 local {A}")]
    [InlineData($"qanat fou add port 5555 ipproto 4 peer {B} peer_port 7")]
    [InlineData("qanat link add vx1 type vxlan id 9 dstport 5555 local " + A)]
    [InlineData(L2tp + "; qanat l2tp add session name l1 tunnel_id 9 session_id 1 peer_session_id 1")]
    public void A_port_is_not_taken_twice(string first)
    {
        _hosts.A.Do(first);
        string[] others =
        [
            "qanat fou add port 5555 ipproto 47", $"qanat fou add port 5555 gue local {A}",
            $"qanat fou add port 5555 ipproto 47 peer {B} peer_port 8", L2tp.Replace("_id 9", "_id 8", StringComparison.Ordinal),
            .. first.Contains("vxlan", StringComparison.Ordinal) ? [] : new[] { "qanat link add vx2 type vxlan id 8 dstport 5555" },
        ];
        foreach (var other in others)
        {
            var refused = _hosts.A.Run(other);
            Assert.Equal((2, InUse), (refused.ExitCode, refused.Error));
        }
        Assert.True(_hosts.A.Run("qanat fou add port 5555 ipproto 4 -6").Succeeded);
        Assert.Equal(!first.Contains("local", StringComparison.Ordinal) || first.Contains("vxlan", StringComparison.Ordinal),
            !_hosts.A.Run($"qanat fou add port 5555 ipproto 47 local {OtherA}").Succeeded);
    }

    [Fact]
    public void A_port_has_another_meaning_at_another_address()
    {
        // Tunnels that send from the port come before and after those who receive there.
        AddTunnels(_hosts.A, (A, B), (OtherA, OtherB), 1);
        AddPorts(_hosts.A, A, OtherA);
        AddPorts(_hosts.B, B, OtherB);
        AddTunnels(_hosts.B, (B, A), (OtherB, OtherA), 2);
        using var wire = new Capture(_hosts.A, "eth0", $"udp port 5555 and src net 10.10.50.0/25");
        Assert.True(_hosts.A.Reaches("10.1.0.2") && _hosts.A.Reaches("10.2.0.2"));
        foreach (var (port, reaches) in new[] { (A, false), (OtherA, false) })
        {
            _hosts.A.Do($"qanat fou del port 5555 local {port}");
            Assert.Equal(reaches, _hosts.A.Reaches(port == A ? "10.1.0.2" : "10.2.0.2"));
        }
        Assert.All(wire.WaitFor(4), packet => Assert.Equal(5555, SourcePort(packet)));
        _hosts.A.Do("qanat fou add port 5555 ipproto 4");
        Assert.True(_hosts.A.Reaches("10.1.0.2"));
        Assert.False(_hosts.A.Reaches("10.2.0.2"));
    }

    [Fact]
    public void A_port_has_another_meaning_by_another_device()
    {
        const string A1 = "10.10.51.71", B1 = "10.10.51.186";
        TestNamespace.Join(_hosts.A, "eth1", _hosts.B, "eth1");
        _hosts.A.Do($"ip addr add {A1}/24 dev eth1", "qanat fou add port 5555 ipproto 4 dev eth0",
            "qanat fou add port 5555 ipproto 47 dev eth1", "qanat fou add port 5555 gue dev lo");
        var refused = _hosts.A.Run("qanat fou add port 5555 gue");
        Assert.Equal((2, InUse), (refused.ExitCode, refused.Error));
        _hosts.B.Do($"ip addr add {B1}/24 dev eth1");
        AddPorts(_hosts.B, B, B1);
        AddTunnels(_hosts.A, (A, B), (A1, B1), 1);
        AddTunnels(_hosts.B, (B, A), (B1, A1), 2);
        Assert.True(_hosts.A.Reaches("10.1.0.2") && _hosts.A.Reaches("10.2.0.2"));
        _hosts.A.Do("qanat fou del port 5555 dev eth0");
        Assert.False(_hosts.A.Reaches("10.1.0.2"));
        Assert.True(_hosts.A.Reaches("10.2.0.2"));
    }

    [Fact]
    public void Tunnels_of_l2tp_on_one_port_of_two_addresses_do_not_meet_and_end_alone()
    {
        Add(_hosts.A, (A, B), (OtherA, OtherB), 1);
        Add(_hosts.B, (B, A), (OtherB, OtherA), 2);
        Assert.True(_hosts.A.Reaches("10.1.0.2") && _hosts.A.Reaches("10.2.0.2"));
        _hosts.A.Do("qanat l2tp del tunnel tunnel_id 1");
        Assert.True(_hosts.A.Reaches("10.2.0.2") && _hosts.B.Reaches("10.2.0.1"));
        _hosts.B.Do("qanat l2tp del session tunnel_id 1 session_id 7");
        Assert.True(_hosts.A.Reaches("10.2.0.2") && _hosts.B.Reaches("10.2.0.1"));

        static void Add(TestNamespace host, (string Local, string Remote) first, (string Local, string Remote) second, int end)
        {
            foreach (var (id, ends) in new[] { (1, first), (2, second) })
                host.Do(
                    $"qanat l2tp add tunnel tunnel_id {id} peer_tunnel_id {id} udp_sport 1701 udp_dport 1701 local {ends.Local} " +
                    $"remote {ends.Remote}",
                    $"qanat l2tp add session name l{id} tunnel_id {id} session_id 7 peer_session_id 7",
                    $"ip link set l{id} up", $"ip addr add 10.{id}.0.{end}/24 dev l{id}");
        }
    }

    [Fact]
    public void Flows_of_vxlan_leave_from_the_source_ports_that_they_may_have()
    {
        // One of these ports receives for another tunnel, which takes nothing away.
        _hosts.A.Do("qanat fou add port 40001 ipproto 4");
        AddVxlan(_hosts.A, A, B, "srcport 40000 40004", 1);
        AddVxlan(_hosts.B, B, A, "", 2);
        using var wire = new Capture(_hosts.A, "eth0", $"udp port 4789 and src host {A}");
        _hosts.A.Do("for i in $(seq 1 60); do ip addr add 10.1.1.$i/16 dev vx1; ping -c 1 -W 5 -I 10.1.1.$i 10.1.0.2; done");
        var ports = wire.WaitFor(60).Select(SourcePort).ToHashSet();
        Assert.Subset(new HashSet<int> { 40000, 40001, 40002, 40003 }, ports);
        Assert.Equal(4, ports.Count);

        var inUse = _hosts.A.Run("qanat link add tun9 type ipip remote 10.10.50.9 local 10.10.50.71 encap fou encap-sport 40002 " +
            "encap-dport 40002 && qanat link del vx1 && qanat link del tun9 && ss -Hulnp 'sport >= 40000 and sport < 40004'");
        Assert.Equal(0, inUse.ExitCode);
        Assert.Contains(":40001 ", inUse.Output, StringComparison.Ordinal);
        Assert.Single(inUse.Output.Trim().Split('\n'));

        static void AddVxlan(TestNamespace host, string local, string remote, string options, int end) => host.Do(
            $"qanat link add vx1 up type vxlan id 42 dstport 4789 local {local} remote {remote} {options}",
            $"ip addr add 10.1.0.{end}/16 dev vx1");
    }

    [Fact]
    public void Source_ports_that_other_programs_have_are_left_to_them()
    {
        using var other = _hosts.A.Start("exec socat -u UDP4-RECV:40000 OPEN:/dev/null");
        Wait.Until(() => _hosts.A.Do("ss -Huln 'sport = :40000'").Length > 0, what: "socat to listen");
        var refused = _hosts.A.Run($"qanat link add vx1 type vxlan id 42 dstport 4789 local {A} remote {B} srcport 40000 40001");
        Assert.Equal((2, InUse), (refused.ExitCode, refused.Error));
        _hosts.A.Do($"qanat link add vx1 type vxlan id 42 dstport 4789 local {A} remote {B} srcport 40000 40003");
        Assert.Equal(2, _hosts.A.Do("ss -Huln 'sport = :40001 or sport = :40002'").Trim().Split('\n').Length);
    }

    private static void AddPorts(TestNamespace host, string first, string second) =>
        host.Do($"qanat fou add port 5555 ipproto 4 local {first}", $"qanat fou add port 5555 ipproto 47 local {second}");

    private static void AddTunnels(TestNamespace host, (string Local, string Remote) first, (string Local, string Remote) second, int end)
    {
        const string Encap = "encap fou encap-sport 5555 encap-dport 5555";
        host.Do($"qanat link add tun1 up type ipip local {first.Local} remote {first.Remote} {Encap}",
            $"qanat link add tun2 up type gre local {second.Local} remote {second.Remote} {Encap}",
            $"ip addr add 10.1.0.{end}/24 dev tun1", $"ip addr add 10.2.0.{end}/24 dev tun2");
    }

    private static int SourcePort(ReadOnlyMemory<byte> packet) => packet.Span[20] << 8 | packet.Span[21];
}
