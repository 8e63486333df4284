using System.Text.RegularExpressions;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>The IPv6 addresses in a tunnel.</summary>
/// <param name="Ours">Ours.</param>
/// <param name="Theirs">The kernel's.</param>
/// <param name="PrefixLength">Bits of the network that both are in.</param>
public sealed record InnerAddresses(string Ours, string Theirs, int PrefixLength = 64);

/// <summary>
/// A host with Qanat (192.0.2.1, 2001:db8:1::1) and a real kernel with every tunnel module (192.0.2.2, 2001:db8:1::2), on one
/// wire. Both are told the same commands, one by <c>qanat</c> and the other by <c>ip</c>.
/// </summary>
public sealed partial class KernelPair : IDisposable
{
    /// <summary>Our address on the wire.</summary>
    public const string OurAddress = "192.0.2.1";

    /// <summary>The kernel's.</summary>
    public const string TheirAddress = "192.0.2.2";

    /// <summary>Our address in the tunnel.</summary>
    public const string OurInner = "10.0.0.1", OurInner6 = "fd00::1";

    /// <summary>The kernel's.</summary>
    public const string TheirInner = "10.0.0.2", TheirInner6 = "fd00::2";

    /// <summary>The addresses of a tunnel's ends; as all in brackets, the first is for us and the second for the kernel.</summary>
    public const string Ends = "local [192.0.2.1|192.0.2.2] remote [192.0.2.2|192.0.2.1]";

    /// <summary>Those of one over IPv6.</summary>
    public const string Ends6 = "local [2001:db8:1::1|2001:db8:1::2] remote [2001:db8:1::2|2001:db8:1::1]";

    private static readonly InnerAddresses s_inner6 = new(OurInner6, TheirInner6);

    public KernelPair()
    {
        try
        {
            Kernel = new(Host, Wire);
            Host.Do("sysctl -qw net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.addr_gen_mode=1",
                $"ip addr add {OurAddress}/24 dev {Wire}", $"ip addr add 2001:db8:1::1/64 nodad dev {Wire}");
            Kernel.Do("modprobe -a ipip ip_gre sit ip6_tunnel ip6_gre fou fou6 vxlan l2tp_eth l2tp_ip l2tp_ip6 ip_vti ip6_vti esp4 esp6",
                $"ip addr add {TheirAddress}/24 dev eth0; ip addr add 2001:db8:1::2/64 dev eth0; ip link set eth0 up");
            Wait.Until(() => Host.Reaches(TheirAddress) && Host.Reaches("2001:db8:1::2"), what: "the kernel on the wire");
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

    /// <summary>Makes tun1 on both sides, with addresses of both families; disposing the answer takes all away.</summary>
    /// <param name="commands">What makes it, with semicolons between, without the program: <c>tunnel add tun1 mode gre ...</c>.</param>
    /// <param name="inner6">The IPv6 addresses, where they are not any two.</param>
    public IDisposable Make(string commands, InnerAddresses? inner6 = null)
    {
        inner6 ??= s_inner6;
        var ending = new Ending(this);
        try
        {
            // Addresses last: they send reports of their groups (RFC 3810), which the other side should count too.
            Kernel.Do(string.Join(" && ", [.. Commands(commands, ours: false), "ip link set tun1 up"]));
            Host.Do([.. Commands(commands, ours: true), "ip link set tun1 up", .. Addresses(OurInner, inner6.Ours, inner6)]);
            Kernel.Do(string.Join(" && ", Addresses(TheirInner, inner6.Theirs, inner6)));
            return ending;
        }
        catch
        {
            ending.Dispose();
            throw;
        }
    }

    /// <summary>One side's share of commands.</summary>
    /// <param name="commands">As <see cref="Make"/> takes them.</param>
    /// <param name="ours">Ours, or the kernel's.</param>
    public static IEnumerable<string> Commands(string commands, bool ours) =>
        from command in Bracketed.Replace(commands, match => match.Groups[ours ? 1 : 2].Value).Split(';')
        let words = command.Trim()
        let program = !ours ? words.StartsWith("fdb", StringComparison.Ordinal) ? "bridge" : "ip" : "qanat"
        select $"{program} {words}";

    /// <summary>Makes an ipip tunnel tun1 on both sides; disposing the answer takes both away.</summary>
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

    private static string[] Addresses(string inner, string inner6, InnerAddresses ends) =>
        [$"ip addr add {inner}/24 dev tun1", $"ip addr add {inner6}/{ends.PrefixLength} nodad dev tun1"];

    [GeneratedRegex(@"\[([^|\]]*)\|([^\]]*)\]")]
    private static partial Regex Bracketed { get; }

    private sealed class Ending(KernelPair pair) : IDisposable
    {
        private static readonly string s_theirs = string.Join("\\n",
        [
            "link del tun1", "l2tp del tunnel tunnel_id 1", "route flush cache",
            .. from port in (int[])[5550, 5551, 5552, 5554] from family in (string[])["", " -6"] select $"fou del port {port}{family}",
        ]);

        // Each program that starts costs: an emulated guest as much as ten packets do.
        public void Dispose()
        {
            pair.Host.Run("qanat link del tun1; qanat l2tp del tunnel tunnel_id 1; ip -6 route flush cache; " +
                "qanat fou show | awk '{ print \"qanat fou del port\", $2, / -6/ ? \"-6\" : \"\" }' | sh");
            pair.Kernel.Run($"printf '{s_theirs}\\n' | ip -force -batch -; nft flush ruleset; ip -6 route flush cache");
        }
    }
}

/// <summary>The classes that share one pair: a boot costs seconds.</summary>
[CollectionDefinition(nameof(KernelPair))]
public sealed class KernelPairCollection : ICollectionFixture<KernelPair>;
