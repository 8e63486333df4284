using Xunit;
using static Qanat.EndToEnd.Tests.Interop.KernelPair;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>Qanat's gre and gretap against a real kernel's.</summary>
[Collection(nameof(KernelPair))]
public sealed class GreInteropTests(KernelPair pair)
{
    public static TheoryData<string> Options =>
    [
        "", "ttl 64", "ttl 7 tos 0x10", "tos inherit", "ttl 64 tos inherit", "nopmtudisc", "nopmtudisc tos inherit", "dev [wire|eth0]",
        "key 42", "key 1.2.3.4", "csum", "seq", "key 0 csum seq ttl 64",
    ];

    public static TheoryData<string> FrameOptions =>
        ["", "ttl 64 tos inherit", "key 42", "csum", "seq", "key 42 csum seq ttl 64", "nopmtudisc", "nopmtudisc ignore-df"];

    [Theory]
    [MemberData(nameof(Options))]
    public void The_outer_headers_of_gre_are_the_kernels_own(string options) =>
        pair.Headers($"tunnel add tun1 mode gre {Ends} {options}");

    [Theory]
    [InlineData("ikey 1 okey 2", "ikey 2 okey 1")]
    [InlineData("okey 7", "ikey 7")]
    [InlineData("ocsum", "icsum")]
    [InlineData("oseq", "iseq")]
    [InlineData("icsum iseq", "ocsum oseq")]
    public void What_is_asked_of_one_direction_alone_is_as_the_kernel_has_it(string one, string other) =>
        pair.HeadersOfUnequalEnds($"tunnel add tun1 mode gre {Ends}", one, other);

    [Theory]
    [MemberData(nameof(FrameOptions))]
    public void The_outer_headers_of_gretap_are_the_kernels_own(string options) =>
        pair.Headers($"link add tun1 type gretap {Ends} {options}");

    [Theory]
    [InlineData("tunnel add tun1 mode gre", "")]
    [InlineData("tunnel add tun1 mode gre", "key 42 csum seq")]
    [InlineData("link add tun1 type gretap", "")]
    public void Tcp_passes_both_ways(string command, string options) => pair.Tcp($"{command} {Ends} {options}");
}
