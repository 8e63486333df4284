using System.Net;
using System.Net.Sockets;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Offload.OffloadPair;

namespace Qanat.EndToEnd.Tests.Offload;

/// <summary>Where Ethernet addresses are, while the kernel moves the frames.</summary>
[Collection(nameof(OffloadPair))]
public sealed class OffloadVxlanTests(OffloadPair pair)
{
    private const string OfB = "02:00:00:00:00:0b", Elsewhere = "02:00:00:00:00:09", OtherVtep = "10.10.50.188";

    private readonly TestNamespace _a = pair.A, _b = pair.B;

    [Fact]
    public void An_address_is_learnt_and_kept_as_long_as_it_is_heard_of()
    {
        using var tunnel = Make("ageing 2");
        // No neighbour is asked for: after the first, no frame comes to the daemon.
        _b.Do($"ip link set tun1 address {OfB}");
        _a.Do($"ip neigh replace {InnerB} lladdr {OfB} nud permanent dev tun1");
        _b.Do($"ip neigh replace {InnerA} lladdr {Address(_a)} nud permanent dev tun1");
        _a.Do($"ping -c 25 -i 0.1 -q -W 10 {InnerB}");
        Assert.Contains($"{OfB} dst {TwoHosts.AddressOfB} ", _a.Do("qanat fdb show dev tun1"), StringComparison.Ordinal);
        Assert.Equal("offloaded", _a.Offload());
        Assert.InRange(_a.ByDaemon(), 1, 30); // until it was in the kernel's map
        Wait.Until(() => !_a.Do("qanat fdb show dev tun1").Contains(OfB, StringComparison.Ordinal), what: "it to age");
    }

    [Fact]
    public void Another_far_end_leaves_it_to_the_daemon_until_it_is_gone()
    {
        using var tunnel = Make("");
        Assert.True(_a.Reaches(InnerB));
        _b.Do($"ip addr add {OtherVtep}/24 dev eth0");
        Speak(OtherVtep, Elsewhere);
        Wait.Until(() => _a.Offload().StartsWith("not offloaded: its forwarding table", StringComparison.Ordinal),
            what: "the reason");
        Assert.Contains($"{Elsewhere} dst {OtherVtep}", _a.Do("qanat fdb show dev tun1"), StringComparison.Ordinal);
        Assert.True(_a.Reaches(InnerB));

        _a.Do($"qanat fdb del {Elsewhere} dst {OtherVtep} dev tun1");
        _a.WaitUntilOffloaded();
        Assert.True(_a.Reaches(InnerB));
    }

    [Fact]
    public void Networks_of_one_number_at_two_ports_stay_apart()
    {
        using var tunnel = Make("nolearning");
        try
        {
            foreach (var (host, local, remote, end) in new[]
                { (_a, TwoHosts.AddressOfA, TwoHosts.AddressOfB, 1), (_b, TwoHosts.AddressOfB, TwoHosts.AddressOfA, 2) })
                host.Do($"qanat link add tun2 up mtu 1450 type vxlan id 42 dstport 8472 nolearning local {local} remote {remote}",
                    "qanat fdb add 02:00:00:00:00:99 dst 10.10.50.99 dev tun2", // which no program does
                    $"ip addr add 10.0.2.{end}/24 dev tun2");
            Wait.Until(
                () => _b.Offload("tun2").StartsWith("not offloaded", StringComparison.Ordinal), what: "the reason");
            _b.WaitUntilOffloaded();
            Assert.True(_a.Reaches("10.0.2.2"));
            Assert.True(_a.Reaches(InnerB));
        }
        finally
        {
            foreach (var host in (TestNamespace[])[_a, _b])
                host.Run("qanat link del tun2");
        }
    }

    private IDisposable Make(string options) => pair.Make($"link add tun1 mtu 1450 type vxlan id 42 dstport 4789 {Ends} {options}");

    // A frame of a broadcast from an address behind another VTEP.
    private void Speak(string vtep, string address) => _b.Enter(() =>
    {
        byte[] source = [.. address.Split(':').Select(text => Convert.ToByte(text, 16))];
        byte[] datagram = [8, 0, 0, 0, 0, 0, 42, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. source, 0x88, 0xB5, .. new byte[46]];
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Parse(vtep), 0));
        return socket.Send(datagram, new IPEndPoint(IPAddress.Parse(TwoHosts.AddressOfA), 4789));
    });

    private static string Address(TestNamespace host) => host.Link("tun1").GetProperty("address").GetString()!;
}
