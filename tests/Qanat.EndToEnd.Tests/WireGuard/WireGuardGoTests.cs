using Xunit;
using static Qanat.EndToEnd.Tests.WireGuard.WireGuardPair;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>qanat-wg and wireguard-go, who understand each other.</summary>
public sealed class WireGuardGoTests
{
    [Theory]
    [InlineData("qanat-wg", "wireguard-go")]
    [InlineData("wireguard-go", "qanat-wg")]
    public async Task Either_may_begin(string initiator, string responder)
    {
        using var pair = new WireGuardPair(initiator, responder);
        pair.SharePresharedKey();
        pair.A.Host.Do($"ping -c 3 -i 0.2 -W 10 {InnerB}", $"ping -c 3 -i 0.2 -W 10 {InnerB6}");
        await pair.A.Host.TransferAsync(pair.B.Host, InnerB);
        await pair.B.Host.TransferAsync(pair.A.Host, InnerA6);
    }

    [Theory]
    [InlineData("qanat-wg", "wireguard-go")]
    [InlineData("wireguard-go", "qanat-wg")]
    public void Over_IPv6_as_well(string initiator, string responder)
    {
        using var pair = new WireGuardPair(initiator, responder, $"[{OuterB6}]:{PortOfB}");
        pair.A.Host.Do($"ping -c 3 -i 0.2 -W 10 {InnerB}");
    }
}
