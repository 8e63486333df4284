using Qanat.EndToEnd.Tests.Offload;
using Xunit;
using static Qanat.EndToEnd.Tests.Interop.KernelPair;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>A real kernel and a host whose daemon has the kernel move packets (<c>QANAT_BPF=1</c>).</summary>
public sealed class OffloadKernel : IDisposable
{
    public OffloadKernel() => OffloadPair.Prepare(Pair.Host);

    /// <summary>Both.</summary>
    public KernelPair Pair { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => Pair.Dispose();
}

/// <summary>Packets that programs encapsulate and decapsulate, against a real kernel's own tunnels.</summary>
public sealed class OffloadInteropTests(OffloadKernel kernel) : IClassFixture<OffloadKernel>
{
    private const string Fou = "encap fou encap-sport auto encap-dport", Gue = "encap gue encap-sport auto encap-dport";

    private const int Few = 60; // for neighbours and groups

    private readonly KernelPair _pair = kernel.Pair;

    // A kernel drops bursts of gre in FOU or GUE that it has joined itself, see OverUdpInteropTests: those are not asked for much.
    [Theory]
    [InlineData($"tunnel add tun1 mode ipip {Ends}", Inner.IPv4)]
    [InlineData($"tunnel add tun1 mode gre {Ends}", Inner.Both)]
    [InlineData($"tunnel add tun1 mode gre {Ends} key 42", Inner.Both)]
    [InlineData($"link add tun1 type gretap {Ends} key 42", Inner.Both)]
    [InlineData($"tunnel add tun1 mode sit {Ends}", Inner.IPv6)]
    [InlineData($"fou add port 5550 ipproto 4; link add tun1 type ipip {Ends} {Fou} 5550", Inner.IPv4)]
    [InlineData($"fou add port 5551 gue; link add tun1 type ipip {Ends} {Gue} 5551", Inner.IPv4)]
    [InlineData($"fou add port 5552 ipproto 47; link add tun1 type gre {Ends} {Fou} 5552", Inner.Both)]
    [InlineData($"fou add port 5551 gue; link add tun1 type gre {Ends} {Gue} 5551", Inner.Both)]
    [InlineData($"link add tun1 mtu 1450 type vxlan id 42 dstport 4789 {Ends} dev [wire|eth0]", Inner.Both)]
    public void Pings_and_tcp_pass_both_ways(string commands, Inner inner)
    {
        using var tunnel = _pair.Make(commands);
        _pair.Host.WaitUntilOffloaded();
        foreach (var (family, ours, theirs) in new[] { (Inner.IPv4, OurInner, TheirInner), (Inner.IPv6, OurInner6, TheirInner6) })
        {
            if (!inner.HasFlag(family))
                continue;
            _pair.Host.Do($"ping -c 3 -i 0.02 -W 2 {theirs}", $"ping -c 1 -W 2 -s 4000 {theirs}");
            _pair.Kernel.Do($"ping -c 3 -i 0.1 -W 2 {ours} && ping -c 1 -W 2 -s 4000 {ours}");
            foreach (var direction in new[] { "", "-R" })
                Assert.True(_pair.Host.Iperf3(_pair.Kernel, theirs, $"-n 10M {direction}") >= 10_000_000);
        }
        Assert.Equal("offloaded", _pair.Host.Offload());
        Assert.InRange(_pair.Host.ByDaemon(), 0, Few);
    }
}
