using Qanat.EndToEnd.Tests.Offload;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Interop.KernelPair;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>A real kernel and a host whose daemon has the kernel move packets (<c>QANAT_BPF=1</c>).</summary>
public sealed class OffloadKernel : IDisposable
{
    private readonly string _noise;

    public OffloadKernel()
    {
        OffloadPair.Prepare(Pair.Host);
        Pair.Kernel.Do("dd if=/dev/urandom of=/tmp/noise bs=65536 count=16");
        Pair.Kernel.Start("socat -U TCP6-LISTEN:7001,ipv6only=0,reuseaddr,fork OPEN:/tmp/noise,rdonly");
        Pair.Kernel.Start("socat -t 60 TCP6-LISTEN:7002,ipv6only=0,reuseaddr,fork EXEC:sha256sum");
        Wait.Until(() => Pair.Kernel.Run("netstat -ltn | grep -q :7001 && netstat -ltn | grep :7002").Succeeded, what: "socat to listen");
        _noise = Pair.Kernel.Do("sha256sum </tmp/noise");
        Assert.Equal(_noise, Fetch(TheirAddress)); // so that all of it is there
    }

    /// <summary>Both.</summary>
    public KernelPair Pair { get; } = new();

    /// <summary>Sends a megabyte to the kernel, which tells the sum of what came.</summary>
    public void AssertSent(string address) => Assert.Equal(
        Pair.Host.Do("dd if=/dev/urandom of=$TMPDIR/noise bs=65536 count=16 && sha256sum <$TMPDIR/noise"),
        Pair.Host.Do($"socat -t 60 - TCP:{address}:7002 <$TMPDIR/noise"));

    /// <summary>Gets a megabyte from the kernel.</summary>
    public void AssertFetched(string address) => Assert.Equal(_noise, Fetch(address));

    /// <inheritdoc/>
    public void Dispose() => Pair.Dispose();

    private string Fetch(string address) => Pair.Host.Do($"socat -u TCP:{address}:7001 - | sha256sum");
}

/// <summary>Packets that programs encapsulate and decapsulate, against a real kernel's own tunnels.</summary>
public sealed class OffloadInteropTests(OffloadKernel kernel) : IClassFixture<OffloadKernel>
{
    private const string Fou = "encap fou encap-sport auto encap-dport", Gue = "encap gue encap-sport auto encap-dport";

    private const int Few = 60; // for neighbours and groups, of a thousand and more

    private readonly KernelPair _pair = kernel.Pair;

    // A kernel drops bursts of gre in FOU or GUE that it has joined itself, see OverUdpInteropTests: to it goes but little.
    [Theory]
    [InlineData($"tunnel add tun1 mode ipip {Ends}", Inner.IPv4)]
    [InlineData($"tunnel add tun1 mode gre {Ends}", Inner.Both)]
    [InlineData($"tunnel add tun1 mode gre {Ends} key 42", Inner.Both)]
    [InlineData($"link add tun1 type gretap {Ends} key 42", Inner.Both)]
    [InlineData($"tunnel add tun1 mode sit {Ends}", Inner.IPv6)]
    [InlineData($"fou add port 5550 ipproto 4; link add tun1 type ipip {Ends} {Fou} 5550", Inner.IPv4)]
    [InlineData($"fou add port 5551 gue; link add tun1 type ipip {Ends} {Gue} 5551", Inner.IPv4)]
    [InlineData($"fou add port 5552 ipproto 47; link add tun1 type gre {Ends} {Fou} 5552", Inner.Both, true)]
    [InlineData($"fou add port 5551 gue; link add tun1 type gre {Ends} {Gue} 5551", Inner.Both, true)]
    [InlineData($"link add tun1 mtu 1450 type vxlan id 42 dstport 4789 {Ends} dev [wire|eth0]", Inner.Both)]
    public void Pings_and_tcp_pass_both_ways(string commands, Inner inner, bool joinsAndDrops = false)
    {
        try
        {
            var (ours, theirs) = (KernelPair.Commands(commands, ours: true), KernelPair.Commands(commands, ours: false));
            _pair.Kernel.Do(string.Join(" && ", [.. theirs, .. Up(TheirInner, TheirInner6)]));
            _pair.Host.Do(string.Join(" && ", [.. ours, .. Up(OurInner, OurInner6)]));
            _pair.Host.WaitUntilOffloaded();
            foreach (var (family, from, to, name) in new[]
                { (Inner.IPv4, OurInner, TheirInner, TheirInner), (Inner.IPv6, OurInner6, TheirInner6, $"[{TheirInner6}]") })
            {
                if (!inner.HasFlag(family))
                    continue;
                Wait.Until(() => _pair.Host.ByDaemon() is var before && _pair.Host.Reaches(to) && _pair.Host.ByDaemon() == before,
                    what: "a ping that the daemon does not see");
                var before = _pair.Host.ByDaemon();
                _pair.Host.Do($"ping -c 1 -W 10 -s 4000 {to}");
                _pair.Kernel.Do($"ping -c 1 -W 10 {from} && ping -c 1 -W 10 -s 4000 {from}");
                kernel.AssertFetched(name);
                if (!joinsAndDrops)
                    kernel.AssertSent(name);
                Assert.InRange(_pair.Host.ByDaemon() - before, 0, Few);
            }
            Assert.Equal("offloaded", _pair.Host.Offload());
        }
        finally
        {
            _pair.Host.Run(OffloadPair.Undo("qanat", commands));
            _pair.Kernel.Run(OffloadPair.Undo("ip", commands));
        }

        static string[] Up(string inner, string inner6) =>
            ["ip link set tun1 up", $"ip addr add {inner}/24 dev tun1", $"ip addr add {inner6}/64 nodad dev tun1"];
    }
}
