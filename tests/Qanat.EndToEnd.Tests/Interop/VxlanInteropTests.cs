using Xunit;
using static Qanat.EndToEnd.Tests.Interop.KernelPair;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>Qanat's VXLAN against a real kernel's.</summary>
[Collection(nameof(KernelPair))]
public sealed class VxlanInteropTests(KernelPair pair)
{
    private const string Command = "link add tun1 type vxlan id 42 dstport 4789 dev [wire|eth0]";

    [Theory]
    [InlineData("")]
    [InlineData("ttl 9")]
    [InlineData("ttl inherit")]
    [InlineData("tos 0x10")]
    [InlineData("tos inherit ttl 9")]
    [InlineData("udpcsum")]
    [InlineData("nolearning")]
    [InlineData("srcport 20000 20001")]
    public void The_outer_headers_are_the_kernels_own(string options) => pair.Headers($"{Command} {Ends} {options}");

    [Theory]
    [InlineData("")]
    [InlineData("noudp6zerocsumtx")]
    [InlineData("udp6zerocsumtx udp6zerocsumrx")]
    [InlineData("ttl 9 tos inherit")]
    public void The_outer_headers_over_IPv6_are_the_kernels_own(string options) => pair.Headers($"{Command} {Ends6} {options}");

    [Theory]
    [InlineData(Ends)]
    [InlineData(Ends6)]
    public void Tcp_passes_both_ways(string ends) => pair.Tcp($"{Command} {ends}");
}
