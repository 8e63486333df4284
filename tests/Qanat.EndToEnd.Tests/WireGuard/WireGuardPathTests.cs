using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.WireGuard.WireGuardPair;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>How packets get from device to wire and back: with and without what makes it fast, and what the outer header shows.</summary>
public sealed class WireGuardPathTests
{
    [Theory]
    [InlineData("QANAT_DISABLE=udp-segment")]
    [InlineData("QANAT_DISABLE=udp-gro")]
    [InlineData("QANAT_DISABLE=gro,tso,uso,udp-segment,udp-gro")]
    [InlineData("QANAT_WORKERS=3")]
    [InlineData("QANAT_WORKERS=3 QANAT_AEAD=libcrypto")]
    public async Task Every_bit_passes_with_any_of_it_off_and_with_helpers(string environment)
    {
        using var pair = new WireGuardPair($"env {environment} qanat-wg", $"env {environment} qanat-wg");
        await pair.A.Host.TransferAsync(pair.B.Host, InnerB);
        await pair.B.Host.TransferAsync(pair.A.Host, InnerA6);
    }

    [Theory]
    [InlineData("QANAT_DISABLE=udpgro",
        "QANAT_DISABLE: \"udpgro\" is none of packet-ring, gro, tso, uso, udp-segment, udp-gro, mtu-probing")]
    [InlineData("QANAT_WORKERS=0", "QANAT_WORKERS: \"0\" is no number from 1 to 16")]
    [InlineData("QANAT_POST_QUANTUM=yes", "QANAT_POST_QUANTUM: \"yes\" is neither 0 nor 1")]
    public void A_variable_that_makes_no_sense_is_refused(string environment, string line)
    {
        using var host = new TestNamespace("alone");
        var refused = host.Run($"env {environment} qanat-wg -f {WireGuardEnd.NewName()}");
        Assert.False(refused.Succeeded);
        Assert.Contains(line, refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "tos", "0x2,ECT(0)", "0x88")]
    [InlineData($"[{OuterB6}]:51822", "class", "0x02", "0x88")]
    public void The_outer_header_shows_congestion_and_handshakes_alone(string? endpoint, string word, string marked, string handshake)
    {
        using var pair = new WireGuardPair(endpoint: endpoint);
        using var reader = pair.B.Host.Start($"exec tcpdump -i eth0 -n -l -v udp dst port {PortOfB}");
        Wait.Until(() => reader.Error.Contains("listening on", StringComparison.Ordinal), what: "tcpdump");
        pair.A.Host.Do($"ping -c 2 -i 0.2 -W 10 -Q 0xba {InnerB}"); // EF and ECT(0)
        Wait.Until(() => reader.Output.Contains($"{word} {marked}", StringComparison.Ordinal), what: "the ECN field of an echo request");
        Assert.Contains($"{word} {handshake}", reader.Output, StringComparison.Ordinal);
        Assert.DoesNotContain($"{word} 0xb", reader.Output, StringComparison.Ordinal);
    }
}
