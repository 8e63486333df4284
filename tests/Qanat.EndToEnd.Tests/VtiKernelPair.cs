using Qanat.Testing;

namespace Qanat.EndToEnd.Tests;

/// <summary>A host with Qanat and a real kernel with vti, vti6 and ESP, on one wire of IPv4 and IPv6.</summary>
public sealed class VtiKernelPair : IDisposable
{
    /// <summary>Our address on the wire.</summary>
    public const string Ours = "192.0.2.1", Ours6 = "2001:db8:1::1";

    /// <summary>The kernel's.</summary>
    public const string Theirs = "192.0.2.2", Theirs6 = "2001:db8:1::2";

    /// <summary>Our addresses in the tunnel.</summary>
    public const string OurInner = "10.0.0.1", OurInner6 = "fd00::1";

    /// <summary>The kernel's.</summary>
    public const string TheirInner = "10.0.0.2", TheirInner6 = "fd00::2";

    /// <summary>The states' numbers, a way each.</summary>
    public const int SpiOfOurs = 0x100, SpiOfTheirs = 0x200;

    public VtiKernelPair()
    {
        try
        {
            Kernel = new(Host, Wire);
            Host.Do($"ip addr add {Ours}/24 dev {Wire}", $"ip addr add {Ours6}/64 dev {Wire} nodad");
            Kernel.Do("modprobe -a ip_vti ip6_vti esp4 esp6", $"ip addr add {Theirs}/24 dev eth0", $"ip addr add {Theirs6}/64 dev eth0",
                "ip link set eth0 up");
            Wait.Until(() => Host.Reaches(Theirs) && Host.Reaches(Theirs6), what: "the kernel on the wire");
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

    /// <summary>Makes tun1 with the mark 42 on both sides, with states and policies; disposing the answer takes all of it away.</summary>
    /// <param name="suite">The algorithms of the states, as both <c>xfrm</c> commands have them.</param>
    /// <param name="theirSuite">The kernel's, when it is to have others.</param>
    /// <param name="overIPv6">vti6.</param>
    public IDisposable Tunnel(string suite, string? theirSuite = null, bool overIPv6 = false)
    {
        var (ours, theirs) = overIPv6 ? (Ours6, Theirs6) : (Ours, Theirs);
        Host.Do(All("qanat", ours, theirs, suite, overIPv6), Addresses(OurInner, OurInner6));
        Kernel.Do(All("ip", theirs, ours, theirSuite ?? suite, overIPv6), Addresses(TheirInner, TheirInner6));
        return new Ending(this, overIPv6 ? "-6" : "");
    }

    /// <summary>The command that adds a state for one way, the same on both sides.</summary>
    public static string AddState(string program, bool fromUs, int spi, string suite, bool overIPv6 = false)
    {
        var (ours, theirs) = overIPv6 ? (Ours6, Theirs6) : (Ours, Theirs);
        var (source, destination) = fromUs ? (ours, theirs) : (theirs, ours);
        return $"{program} xfrm state add src {source} dst {destination} proto esp spi {spi} reqid 1 mode tunnel {suite}";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kernel?.Dispose();
        Host.Dispose();
    }

    private static string All(string program, string local, string remote, string suite, bool overIPv6)
    {
        var (family, mode) = overIPv6 ? ("-6", "vti6") : ("", "vti");
        List<string> commands =
        [
            $"{program} {family} tunnel add tun1 mode {mode} local {local} remote {remote} key 42",
            AddState(program, fromUs: true, SpiOfOurs, suite, overIPv6),
            AddState(program, fromUs: false, SpiOfTheirs, suite, overIPv6),
        ];
        foreach (var inner in (string[])["-4", "-6"])
        {
            commands.Add($"{program} {inner} xfrm policy add dir out mark 42 tmpl src {local} dst {remote} proto esp reqid 1 mode tunnel");
            commands.Add($"{program} {inner} xfrm policy add dir in mark 42 tmpl src {remote} dst {local} proto esp reqid 1 mode tunnel");
        }
        return string.Join(" && ", commands);
    }

    private static string Addresses(string inner, string inner6) =>
        $"ip link set tun1 up && ip addr add {inner}/24 dev tun1 && ip addr add {inner6}/64 dev tun1 nodad";

    private sealed class Ending(VtiKernelPair pair, string family) : IDisposable
    {
        public void Dispose()
        {
            pair.Host.Run($"{Undo("qanat")}; ip route flush cache");
            pair.Kernel.Run($"{Undo("ip")}; ip route flush cache; ip -6 route flush cache");
        }

        private string Undo(string program) =>
            $"{program} {family} tunnel del tun1; {program} xfrm policy flush; {program} xfrm state flush";
    }
}
