using Qanat.EndToEnd.Tests.Interop;
using Qanat.Testing;
using Qanat.WireGuard;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard.Kernel;

/// <summary>Cookies: who is flooded asks for them, and who is asked gets through with one, whoever is at the other end.</summary>
[Collection(nameof(KernelPair))]
public sealed class CookieTests(KernelPair pair)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(400); // load counts for a second

    [Theory]
    [InlineData("qanat-wg", "qanat-wg", 2000)]
    [InlineData("wireguard-go", "qanat-wg", 2000)]
    [InlineData("qanat-wg", "wireguard-go", 200)] // as many as its socket has room for
    public void Under_load_who_begins_must_prove_its_address_and_gets_through(string initiator, string responder, int burst)
    {
        using var ends = new WireGuardPair(initiator, responder);
        using var stranger = new Stranger(ends.A.Host, TwoHosts.AddressOfB, WireGuardPair.PortOfB);
        using var wire = new Capture(ends.A.Host, "eth0", $"udp port {WireGuardPair.PortOfA}");
        var flood = Stranger.InitiationTo(ends.B.PublicKey);
        GetsThrough(stranger, wire, Burst, () => ends.A.Host.Start($"exec ping -c 1 -W 30 {WireGuardPair.InnerB}"));

        // It finds all of them waiting at once.
        void Burst()
        {
            ends.B.Host.Do($"kill -STOP {ends.B.Pid}");
            stranger.Send(flood, burst);
            ends.B.Host.Do($"kill -CONT {ends.B.Pid}");
        }
    }

    [Fact]
    public void The_kernels_cookie_is_sent_back_to_it()
    {
        using var tunnel = new KernelTunnel(pair);
        tunnel.Tell(us: true);
        using var stranger = new Stranger(pair.Host, tunnel.TheirOuter, tunnel.TheirPort);
        using var wire = new Capture(pair.Host, KernelPair.Wire, $"udp port {tunnel.OurPort}");
        var flood = Stranger.InitiationTo(tunnel.TheirPublicKey);
        GetsThrough(stranger, wire, () => stranger.Send(flood, 2000), () => pair.Host.Start($"exec ping -c 1 -W 30 {tunnel.TheirInner}"));
    }

    private static void GetsThrough(Stranger stranger, Capture wire, Action burst, Func<RunningCommand> ping)
    {
        Wait.Until(() =>
        {
            burst();
            return stranger.Got(MessageType.CookieReply);
        }, what: "a cookie for the stranger");
        using var pinging = ping();
        while (!Wait.Holds(() => pinging.HasExited, s_pause))
            burst();
        _ = pinging.WaitForExit().Required;

        // The initiation without a cookie, the cookie, the initiation with it, and what comes of it.
        IReadOnlyList<string> said = [];
        Wait.Holds(() => (said = [.. wire.SoFar.Packets.Select(Said)]).Contains("response"));
        Assert.Equal(["initiation", "cookie reply", "initiation with a cookie", "response"], said.Distinct().Take(4));
    }

    private static string Said(ReadOnlyMemory<byte> packet)
    {
        var datagram = packet.Span[28..];
        return Message.TypeOf(datagram) switch
        {
            MessageType.Initiation => datagram[^16..].IndexOfAnyExcept((byte)0) < 0 ? "initiation" : "initiation with a cookie",
            MessageType.Response => "response",
            MessageType.CookieReply => "cookie reply",
            _ => "packet",
        };
    }
}
