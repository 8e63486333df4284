using System.Globalization;
using Qanat.EndToEnd.Tests.Interop;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard.Kernel;

/// <summary>What <c>wg set</c> does to qanat-wg is what it does to a real kernel's WireGuard.</summary>
[Collection(nameof(KernelPair))]
public sealed class WireGuardSettingsTests(KernelPair pair)
{
    // Keys of nobody's.
    private const string Ann = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", Bob = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=";

    [Fact]
    public void The_same_commands_leave_the_same_settings()
    {
        using var tunnel = new KernelTunnel(pair);
        foreach (var words in (string[])
            [
                $"peer {Ann} allowed-ips 10.1.0.0/16,10.2.3.4/24,fd01::/32 endpoint 192.0.2.7:1 persistent-keepalive 25",
                $"peer {Bob} allowed-ips 10.1.0.0/16", // which Ann loses
                $"peer {Ann} allowed-ips 10.3.0.0/16 peer {Bob} allowed-ips 10.3.0.0/16,0.0.0.0/0",
                $"peer {Bob} allowed-ips 10.1.0.0/16 peer {Ann} allowed-ips 10.1.0.0/16,::/0",
                $"peer {Ann} allowed-ips 10.9.9.9/32,10.9.9.9/32 persistent-keepalive off",
                $"peer {Bob} endpoint [2001:db8::7]:65535 allowed-ips \"\"",
                "fwmark 0xfffffffe", "fwmark off",
                $"peer {Ann} remove", $"peer {Ann} remove", $"peer {Ann} allowed-ips 127.0.0.0/8,ff00::/8",
                "listen-port 51900",
                $"peer {tunnel.Ours.PublicKey} allowed-ips 10.4.0.0/16", $"peer {tunnel.TheirPublicKey} allowed-ips 10.5.0.0/16",
            ])
        {
            tunnel.Ours.Set(words);
            tunnel.SetTheirs(words);
            Assert.Equal(State(tunnel.ShowTheirs), State(tunnel.Ours.Show));
        }

        // All but what concerns the two of them, who know each other and not themselves.
        string State(Func<string, string> show) => string.Join('\n',
            from what in (string[])["peers", "endpoints", "allowed-ips", "persistent-keepalive", "fwmark", "listen-port"]
            from line in show(what).Split('\n')
            where !line.StartsWith(tunnel.Ours.PublicKey, StringComparison.Ordinal) &&
                !line.StartsWith(tunnel.TheirPublicKey, StringComparison.Ordinal) && (what != "listen-port" || line == "51900")
            select $"{what} {line}");
    }

    [Fact]
    public void An_address_that_goes_to_another_peer_is_its_own_at_once_on_both_sides()
    {
        using var tunnel = new KernelTunnel(pair);
        tunnel.Tell(us: true);
        Assert.True(tunnel.WeReach(tunnel.TheirInner));

        // The address that they send from is another's now: what we hear of them there is dropped.
        tunnel.Ours.Set($"peer {Ann} allowed-ips {tunnel.TheirInner}/32");
        Assert.False(tunnel.TheyReach(tunnel.OurInner));
        Assert.True(tunnel.TheyReach(tunnel.OurInner6));
        tunnel.Ours.Set($"peer {tunnel.TheirPublicKey} allowed-ips {tunnel.TheirInner}/32,{tunnel.TheirInner6}/128");
        Assert.True(tunnel.TheyReach(tunnel.OurInner));
        Assert.Equal($"{Ann}\t(none)", tunnel.Ours.Show("allowed-ips").Split('\n')[1]);

        // And as the kernel has it.
        tunnel.SetTheirs($"peer {Ann} allowed-ips {tunnel.OurInner}/32");
        Assert.False(tunnel.WeReach(tunnel.TheirInner));
        Assert.True(tunnel.WeReach(tunnel.TheirInner6));
        tunnel.SetTheirs($"peer {tunnel.Ours.PublicKey} allowed-ips {tunnel.OurInner}/32,{tunnel.OurInner6}/128");
        Assert.True(tunnel.WeReach(tunnel.TheirInner));
    }

    [Fact]
    public void What_comes_from_an_address_that_is_not_the_peers_is_dropped_by_both()
    {
        using var tunnel = new KernelTunnel(pair, probes: false);
        tunnel.Tell(us: true);
        pair.Host.Do($"ip addr add 10.77.0.99/32 dev {tunnel.Device}");
        pair.Kernel.Do($"ip addr add 10.77.0.98/32 dev {tunnel.Device}");
        Assert.True(tunnel.WeReach(tunnel.TheirInner));
        var refused = Refused();
        Assert.False(tunnel.WeReach($"-I 10.77.0.99 {tunnel.TheirInner}"));
        Assert.False(tunnel.TheyReach($"-I 10.77.0.98 {tunnel.OurInner}"));
        Assert.True(Refused() > refused);
        Assert.Matches($"interface=\"{tunnel.Device}\".*reason=\"spoofed-source\".* [1-9]", pair.Host.Do("qanat metrics"));
        Assert.True(tunnel.WeReach(tunnel.TheirInner));

        long Refused() => long.Parse(
            pair.Kernel.Do($"cat /sys/class/net/{tunnel.Device}/statistics/rx_frame_errors"), CultureInfo.InvariantCulture);
    }
}
