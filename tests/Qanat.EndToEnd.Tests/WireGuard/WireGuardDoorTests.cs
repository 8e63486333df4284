using System.Net.Sockets;
using Qanat.Linux.Devices;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>What qanat-wg finds shut or taken, and what it is given in place of its own.</summary>
public sealed class WireGuardDoorTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly string _device = WireGuardEnd.NewName();

    private string Socket => WireGuardEnd.SocketOf(_device);

    public void Dispose()
    {
        _host.Dispose();
        File.Delete(Socket);
    }

    [Fact]
    public void A_folder_that_nothing_can_be_written_to_is_named_and_no_interface_is_left()
    {
        var refused = _host.Run($"mkdir -p {Path.GetDirectoryName(Socket)} && unshare -m sh -c " +
            $"'mount -t tmpfs -o ro none {Path.GetDirectoryName(Socket)} && exec qanat-wg {_device}'");
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"^qanat\\[\\d+\\]: {_device}: listen on {Socket}: [^\n]*Read-only[^\n]*\n$", refused.Error);
        Assert.False(_host.Has(_device));
    }

    [Fact]
    public void Something_else_in_the_sockets_place_is_left_there()
    {
        Directory.CreateDirectory(Socket);
        try
        {
            var refused = _host.Run($"qanat-wg {_device}");
            Assert.Equal(1, refused.ExitCode);
            Assert.Matches($"^qanat\\[\\d+\\]: {_device}: listen on {Socket}: [^\n]+\n$", refused.Error);
            Assert.True(Directory.Exists(Socket));
            Assert.False(_host.Has(_device));
            Assert.False(File.Exists($"{Socket}.new"));
        }
        finally
        {
            Directory.Delete(Socket);
        }
    }

    [Fact]
    public void A_socket_that_somebody_answers_at_is_left_to_him()
    {
        using var other = _host.Start($"exec socat UNIX-LISTEN:{Socket},fork SYSTEM:'echo mine'");
        Wait.Until(() => File.Exists(Socket), what: "the other one");
        var refused = _host.Run($"qanat-wg {_device}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"^qanat\\[\\d+\\]: {_device}: listen on {Socket}: [^\n]*another process serves[^\n]*\n$", refused.Error);
        Assert.Equal("mine\n", _host.Do($"socat -u UNIX-CONNECT:{Socket} STDOUT"));
        Assert.False(_host.Has(_device));
    }

    [Fact]
    public void Of_two_that_begin_at_once_one_is_left_and_answers()
    {
        using var elsewhere = new TestNamespace("other");
        for (var round = 0; round < 5; round++)
        {
            foreach (var second in (TestNamespace[])[_host, elsewhere])
            {
                using var one = _host.Start($"exec qanat-wg -f {_device}");
                using var other = second.Start($"exec qanat-wg -f {_device}");
                Wait.Until(() => one.HasExited != other.HasExited && _host.Run($"wg show {_device}").Succeeded, what: "one to be left");
                var (left, gone) = one.HasExited ? (other, one) : (one, other);
                Assert.Equal(1, gone.WaitForExit().ExitCode);
                Assert.Single(gone.Error.TrimEnd().Split('\n'));
                left.Terminate();
                Assert.Equal(0, left.WaitForExit().ExitCode);
                Assert.False(File.Exists(Socket));
            }
        }
    }

    [Theory]
    [InlineData("-f ")]
    [InlineData("")]
    public void Descriptors_that_it_is_given_are_used_in_place_of_its_own(string option)
    {
        using var tun = _host.Enter(() => TunDevice.Open(_device, new() { VnetHeader = true }));
        Directory.CreateDirectory(Path.GetDirectoryName(Socket)!);
        using var listening = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(new UnixDomainSocketEndPoint(Socket));
        listening.Listen();
        var inode = File.GetLastWriteTimeUtc(Socket);
        using var running = _host.Start($"WG_TUN_FD={Descriptors.Bequeath(tun.Handle)} " +
            $"WG_UAPI_FD={Descriptors.Bequeath(listening.SafeHandle)} exec qanat-wg {option}{_device}");
        _host.Do($"wg set {_device} listen-port 51999 private-key {Key()}", $"ip link set {_device} up");
        Wait.Until(() => _host.Do("ss -Huln").Contains(":51999", StringComparison.Ordinal), what: "it to listen");
        Assert.Equal(inode, File.GetLastWriteTimeUtc(Socket)); // the same file still
        tun.Dispose();
        Assert.True(_host.Has(_device));
        _host.Do($"ip link del {_device}");
        Wait.Until(() => _host.Processes.Count == 0, what: "it to end");
        Assert.False(File.Exists(Socket));
    }

    [Theory]
    [InlineData("WG_TUN_FD=99", "take over descriptor 99: ")]
    [InlineData("WG_TUN_FD=0", "take over descriptor 0: ")]
    [InlineData("WG_UAPI_FD=99", "take over descriptor 99: ")]
    [InlineData("WG_UAPI_FD=0", "take over descriptor 0: ")]
    [InlineData("WG_UAPI_FD=-1", "WG_UAPI_FD: \"-1\" is no descriptor's number")]
    [InlineData("WG_TUN_FD=x", "WG_TUN_FD: \"x\" is no descriptor's number")]
    public void A_descriptor_that_is_none_is_refused_in_a_line(string variable, string reason)
    {
        foreach (var option in (string[])["-f ", ""])
        {
            var refused = _host.Run($"{variable} qanat-wg {option}{_device} 2>&1");
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains(reason, Assert.Single(refused.Output.TrimEnd().Split('\n')), StringComparison.Ordinal);
            Assert.False(_host.Has(_device));
            Assert.False(File.Exists(Socket));
        }
    }

    [Fact]
    public void Where_IPv6_is_turned_off_IPv4_is_carried_over_IPv4()
    {
        using var hosts = new TwoHosts();
        foreach (var host in (TestNamespace[])[hosts.A, hosts.B])
            host.Do("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.lo.disable_ipv6=1");
        using var a = new WireGuardEnd(hosts.A, "qanat-wg");
        using var b = new WireGuardEnd(hosts.B, "qanat-wg");
        a.Begin(WireGuardPair.PortOfA, $"{WireGuardPair.InnerA}/24");
        b.Begin(WireGuardPair.PortOfB, $"{WireGuardPair.InnerB}/24");
        b.Set($"peer {a.PublicKey} allowed-ips {WireGuardPair.InnerA}/32");
        a.Set($"peer {b.PublicKey} allowed-ips {WireGuardPair.InnerB}/32 endpoint {TwoHosts.AddressOfB}:{WireGuardPair.PortOfB}");
        // Somebody who can only be reached over IPv6 is nobody's harm.
        a.Set($"peer {Key(isPublic: true)} allowed-ips 10.99.0.0/16 endpoint [2001:db8::1]:1 persistent-keepalive 1");
        Assert.True(hosts.A.Reaches(WireGuardPair.InnerB));
        Assert.False(hosts.A.Reaches("10.99.0.1"));
        Assert.True(hosts.B.Reaches(WireGuardPair.InnerA));
    }

    // The file of a new private key, or the public key of one.
    private string Key(bool isPublic = false) => isPublic
        ? _host.Do("wg genkey | wg pubkey").Trim()
        : _host.Do($"umask 077; wg genkey >{_host.RunDirectory}/key; echo {_host.RunDirectory}/key").Trim();
}
