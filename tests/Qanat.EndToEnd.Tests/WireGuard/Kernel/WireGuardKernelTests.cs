using System.Globalization;
using Qanat.EndToEnd.Tests.Interop;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard.Kernel;

/// <summary>qanat-wg and a real kernel's WireGuard, who understand each other.</summary>
[Collection(nameof(KernelPair))]
public sealed class WireGuardKernelTests(KernelPair pair)
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void Either_may_begin_over_either_IP_version_and_carries_both(bool us, bool overIPv6)
    {
        using var tunnel = new KernelTunnel(pair);
        tunnel.SharePresharedKey();
        tunnel.Tell(us, overIPv6);
        if (us)
            pair.Host.Do($"ping -c 2 -i 0.1 -W 5 {tunnel.TheirInner}");
        else
            pair.Kernel.Do($"ping -c 2 -i 0.1 -W 5 {tunnel.OurInner}");
        pair.Host.Do($"ping -c 2 -i 0.1 -W 5 {tunnel.TheirInner6}", $"ping -c 3 -i 0.1 -W 5 -s 9000 {tunnel.TheirInner6}",
            $"ping -c 3 -i 0.1 -W 5 -s 20000 {tunnel.TheirInner}");
        pair.Kernel.Do($"ping -c 2 -i 0.1 -W 5 {tunnel.OurInner6}", $"ping -c 3 -i 0.1 -W 5 -s 20000 {tunnel.OurInner}");
        Assert.Equal($"{tunnel.Ours.PublicKey}\t{(overIPv6 ? $"[{tunnel.OurOuter6}]" : tunnel.OurOuter)}:{tunnel.OurPort}",
            tunnel.ShowTheirs("endpoints"));
        Assert.Equal($"{tunnel.TheirPublicKey}\t{(overIPv6 ? $"[{tunnel.TheirOuter6}]" : tunnel.TheirOuter)}:{tunnel.TheirPort}",
            tunnel.Ours.Show("endpoints"));
    }

    [Fact]
    public void Tcp_passes_both_ways()
    {
        using var tunnel = new KernelTunnel(pair);
        tunnel.Tell(us: true);
        foreach (var address in (string[])[tunnel.TheirInner, tunnel.TheirInner6])
            pair.Host.AssertTcp(pair.Kernel, address);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_preshared_key_of_one_end_alone_keeps_them_apart(bool us)
    {
        using var tunnel = new KernelTunnel(pair);
        tunnel.SharePresharedKey();
        tunnel.SetTheirs($"peer {tunnel.Ours.PublicKey} preshared-key /dev/null");
        tunnel.Tell(us);
        Assert.False(us ? tunnel.WeReach(tunnel.TheirInner) : tunnel.TheyReach(tunnel.OurInner));
        Assert.EndsWith("\t0", tunnel.Ours.Show("latest-handshakes"), StringComparison.Ordinal);
    }

    [Fact]
    public void Persistent_keepalives_of_either_reach_the_other()
    {
        using var tunnel = new KernelTunnel(pair);
        tunnel.Tell(us: true);
        tunnel.Ours.Set($"peer {tunnel.TheirPublicKey} persistent-keepalive 1");
        AssertArrive(() => tunnel.ShowTheirs("transfer"));

        tunnel.Ours.Set($"peer {tunnel.TheirPublicKey} persistent-keepalive off");
        tunnel.SetTheirs($"peer {tunnel.Ours.PublicKey} persistent-keepalive 1");
        AssertArrive(() => tunnel.Ours.Show("transfer"));
    }

    [Fact]
    public void We_are_followed_to_another_address_and_port()
    {
        using var tunnel = new KernelTunnel(pair);
        tunnel.Tell(us: true);
        Assert.True(tunnel.WeReach(tunnel.TheirInner));
        pair.Host.Do($"ip addr del {tunnel.OurOuter}/24 dev {KernelPair.Wire}", $"ip addr add 10.9.0.11/24 dev {KernelPair.Wire}");
        try
        {
            tunnel.Ours.Set("listen-port 40000");
            Wait.Until(() => tunnel.WeReach(tunnel.TheirInner), what: "packets to pass");
            Assert.Equal($"{tunnel.Ours.PublicKey}\t10.9.0.11:40000", tunnel.ShowTheirs("endpoints"));
            Assert.True(tunnel.TheyReach(tunnel.OurInner6));
            // To another IP version as well.
            tunnel.Tell(us: true, overIPv6: true);
            Wait.Until(() => tunnel.WeReach(tunnel.TheirInner), what: "packets to pass over IPv6");
            Assert.Equal($"{tunnel.Ours.PublicKey}\t[{tunnel.OurOuter6}]:40000", tunnel.ShowTheirs("endpoints"));
        }
        finally
        {
            pair.Host.Do($"ip addr del 10.9.0.11/24 dev {KernelPair.Wire}");
        }
    }

    [Fact]
    public void The_kernel_is_followed_to_another_address_and_port()
    {
        using var tunnel = new KernelTunnel(pair);
        tunnel.Tell(us: true);
        Assert.True(tunnel.WeReach(tunnel.TheirInner));
        pair.Kernel.Do($"ip addr del {tunnel.TheirOuter}/24 dev eth0", "ip addr add 10.9.0.12/24 dev eth0");
        try
        {
            tunnel.SetTheirs("listen-port 40000");
            Wait.Until(() => tunnel.TheyReach(tunnel.OurInner), what: "packets to pass");
            Assert.Equal($"{tunnel.TheirPublicKey}\t10.9.0.12:40000", tunnel.Ours.Show("endpoints"));
            Assert.True(tunnel.WeReach(tunnel.TheirInner6));
            tunnel.Tell(us: false, overIPv6: true);
            Wait.Until(() => tunnel.TheyReach(tunnel.OurInner), what: "packets to pass over IPv6");
            Assert.Equal($"{tunnel.TheirPublicKey}\t[{tunnel.TheirOuter6}]:40000", tunnel.Ours.Show("endpoints"));
        }
        finally
        {
            pair.Kernel.Do("ip addr del 10.9.0.12/24 dev eth0");
        }
    }

    [Fact]
    public void What_is_set_of_either_while_packets_pass_loses_none()
    {
        using var tunnel = new KernelTunnel(pair);
        tunnel.Tell(us: true);
        var other = pair.Host.Do("wg genkey | wg pubkey").Trim();
        using var pings = pair.Host.Start($"exec ping -c 60 -i 0.05 -W 5 {tunnel.TheirInner}");
        foreach (var mark in (string[])["1", "0"])
        {
            tunnel.Ours.Set($"fwmark {mark} peer {tunnel.TheirPublicKey} persistent-keepalive 5 " +
                $"allowed-ips {tunnel.TheirInner}/32,{tunnel.TheirInner6}/128 endpoint {tunnel.TheirOuter}:{tunnel.TheirPort}");
            tunnel.Ours.Set($"peer {other} allowed-ips 10.78.0.0/16 endpoint 192.0.2.99:1");
            tunnel.SharePresharedKey(); // for the handshakes to come
            tunnel.SetTheirs($"fwmark {mark} peer {tunnel.Ours.PublicKey} persistent-keepalive 7");
            tunnel.Ours.Set($"peer {other} remove");
        }
        Assert.Contains(" 60 received", pings.WaitForExit().Required, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_private_key_while_packets_pass_begins_anew(bool us)
    {
        using var tunnel = new KernelTunnel(pair);
        tunnel.Tell(us: true);
        Assert.True(tunnel.WeReach(tunnel.TheirInner));
        using var pings = pair.Host.Start($"exec ping -i 0.05 {tunnel.TheirInner}"); // which end with the test
        if (us)
        {
            var key = pair.Host.Do($"wg genkey | tee {tunnel.Ours.PrivateKeyFile} | wg pubkey").Trim();
            tunnel.SetTheirs($"peer {key} allowed-ips {tunnel.OurInner}/32,{tunnel.OurInner6}/128");
            tunnel.Ours.Set($"private-key {tunnel.Ours.PrivateKeyFile}");
            Wait.Until(() => tunnel.WeReach(tunnel.TheirInner), what: "packets to pass again");
            Assert.Contains($"{key}\t{tunnel.OurOuter}:{tunnel.OurPort}", tunnel.ShowTheirs("endpoints"), StringComparison.Ordinal);
        }
        else
        {
            var key = pair.Kernel.Do($"wg genkey | tee /tmp/{tunnel.Device}.key | wg pubkey").Trim();
            tunnel.SetTheirs($"private-key /tmp/{tunnel.Device}.key");
            tunnel.Ours.Set($"peer {key} allowed-ips {tunnel.TheirInner}/32,{tunnel.TheirInner6}/128 " +
                $"endpoint {tunnel.TheirOuter}:{tunnel.TheirPort} peer {tunnel.TheirPublicKey} remove");
            Wait.Until(() => tunnel.WeReach(tunnel.TheirInner), what: "packets to pass again");
            Assert.True(tunnel.TheyReach(tunnel.OurInner));
        }
    }

    // How many bytes `wg show transfer` says were received, once they are enough.
    // Whatever else has come before, a handshake for one, in the end they are all that comes: each of 32 bytes.
    private static void AssertArrive(Func<string> transfer)
    {
        var before = Received();
        Wait.Until(() =>
        {
            Thread.Sleep(TimeSpan.FromSeconds(2.5));
            var (last, now) = (before, Received());
            before = now;
            return now - last is 2 * 32 or 3 * 32;
        }, what: "keepalives and nothing else");

        long Received() => long.Parse(transfer().Split('\t')[1], CultureInfo.InvariantCulture);
    }
}
