using Xunit;
using static Qanat.EndToEnd.Tests.Interop.KernelPair;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>Qanat's static L2TPv3 sessions against a real kernel's.</summary>
[Collection(nameof(KernelPair))]
public sealed class L2tpInteropTests(KernelPair pair)
{
    private const string Udp = "encap udp udp_sport 1701 udp_dport 1701", Ip = "encap ip";

    [Theory]
    [InlineData(Udp, "")]
    [InlineData(Udp, "l2spec_type none")]
    [InlineData(Udp, "cookie 0011223344556677 peer_cookie 0011223344556677")]
    [InlineData(Udp, "seq both")]
    [InlineData(Udp + " udp_csum on", "")]
    [InlineData(Ip, "")]
    [InlineData(Ip, "cookie 00112233 peer_cookie 00112233")]
    [InlineData(Ip, "seq both")]
    public void The_outer_headers_are_the_kernels_own(string encap, string options) => pair.Headers(Session(Ends, encap, options));

    [Theory]
    [InlineData(Ip, "cookie 0011223344556677 peer_cookie 8899aabb", "cookie 8899aabb peer_cookie 0011223344556677")]
    [InlineData(Ip, "l2spec_type none cookie 8899aabb", "l2spec_type none peer_cookie 8899aabb")]
    public void What_is_asked_of_one_direction_alone_is_as_the_kernel_has_it(string encap, string one, string other) =>
        pair.HeadersOfUnequalEnds(Session(Ends, encap, ""), one, other);

    // Frames that carry inner fragments the kernel sends in fragments of 1280 bytes, by what inner headers left in its buffers.
    [Theory]
    [InlineData(Udp, "")]
    [InlineData(Ip, "cookie 00112233 peer_cookie 00112233")]
    public void The_outer_headers_over_IPv6_are_the_kernels_own(string encap, string options) =>
        pair.Headers(Session(Ends6, encap, options), whole: true);

    [Theory]
    [InlineData(Udp)]
    [InlineData(Ip)]
    public void Tcp_passes_both_ways(string encap) => pair.Tcp(Session(Ends, encap, ""));

    private static string Session(string ends, string encap, string options) =>
        $"l2tp add tunnel tunnel_id 1 peer_tunnel_id 1 {encap} {ends}; " +
        $"l2tp add session name tun1 tunnel_id 1 session_id 100 peer_session_id 100 {options}";
}
