using Qanat.Testing;

namespace Qanat.EndToEnd.Tests;

/// <summary>A host with Qanat (192.0.2.1) and a real kernel with the ipip module (192.0.2.2), on one wire.</summary>
public sealed class KernelPair : IDisposable
{
    /// <summary>Our address on the wire.</summary>
    public const string OurAddress = "192.0.2.1";

    /// <summary>The kernel's.</summary>
    public const string TheirAddress = "192.0.2.2";

    /// <summary>Our address in the tunnel.</summary>
    public const string OurInner = "10.0.0.1";

    /// <summary>The kernel's.</summary>
    public const string TheirInner = "10.0.0.2";

    public KernelPair()
    {
        try
        {
            Kernel = new(Host, Wire);
            Host.Do($"ip addr add {OurAddress}/24 dev {Wire}");
            Kernel.Do("modprobe ipip", $"ip addr add {TheirAddress}/24 dev eth0", "ip link set eth0 up");
            Wait.Until(() => Host.Reaches(TheirAddress), what: "the kernel on the wire");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The wire's device on our host: the guest's tap.</summary>
    public static string Wire => "wire";

    /// <summary>The host with Qanat.</summary>
    public TestNamespace Host { get; } = new("qanat");

    /// <summary>The guest.</summary>
    public KernelPeer Kernel { get; private set; } = null!;

    /// <summary>Makes tun1 on both sides; disposing the answer takes both away.</summary>
    /// <param name="options">What both get beside their addresses: <c>ttl 64</c>.</param>
    /// <param name="remote">False leaves the remote out, so that the routes name the far end.</param>
    public IDisposable Tunnel(string options = "", bool remote = true)
    {
        AddOurs(options, remote);
        AddTheirs(options, remote);
        return new Ending(this);
    }

    /// <summary>Makes our end.</summary>
    public void AddOurs(string options = "", bool remote = true) =>
        Host.Do($"qanat tunnel add tun1 mode ipip local {OurAddress} {(remote ? $"remote {TheirAddress}" : "")} {options}",
            "ip link set tun1 up",
            $"ip addr add {OurInner}/32 dev tun1",
            $"ip route add {TheirInner}/32 {(remote ? "" : $"via {TheirAddress}")} dev tun1 {(remote ? "" : "onlink")} src {OurInner}");

    /// <summary>Makes the kernel's.</summary>
    public void AddTheirs(string options = "", bool remote = true) =>
        Kernel.Do($"ip tunnel add tun1 mode ipip local {TheirAddress} {(remote ? $"remote {OurAddress}" : "")} {options}",
            "ip link set tun1 up",
            $"ip addr add {TheirInner}/32 dev tun1",
            $"ip route add {OurInner}/32 {(remote ? "" : $"via {OurAddress}")} dev tun1 {(remote ? "" : "onlink")} src {TheirInner}");

    /// <inheritdoc/>
    public void Dispose()
    {
        Kernel?.Dispose();
        Host.Dispose();
    }

    private sealed class Ending(KernelPair pair) : IDisposable
    {
        public void Dispose()
        {
            pair.Host.Run("qanat tunnel del tun1");
            pair.Kernel.Run("ip tunnel del tun1; nft flush ruleset; ip route flush cache");
        }
    }
}
