using System.Globalization;
using System.Text.RegularExpressions;
using Qanat.Testing;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>
/// A router and what lies behind it, all in the guest: a host with tunnels of the kernel's own (<c>near</c>) beside ours, and
/// the far end of both (<c>far</c>), where the road takes no more than 1400 bytes. What our senders are told is compared with
/// what the near host's are.
/// </summary>
public sealed partial class Road : IDisposable
{
    private const string Router = "192.0.2.2", Router6 = "2001:db8:1::2";
    private readonly KernelPair _pair;
    private int _far;

    public Road(KernelPair pair)
    {
        _pair = pair;
        string[] script =
        [
            "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
            // Every packet has its answer, so that the two hosts are told the same.
            "sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.route.error_cost=0",
            "ip addr add fe80::2/64 dev eth0", // from which it looks for neighbours
            .. Behind("near", "203.0.113", "2001:db8:3", 1500),
            .. Behind("far", "198.51.100", "2001:db8:2", 1400),
            "for i in $(seq 2 30); do ip -n far addr add 198.51.100.$i/24 dev eth0; " +
                "ip -n far addr add 2001:db8:2::$i/64 nodad dev eth0; done",
        ];
        pair.Kernel.Do(string.Join(" && ", script));
        pair.Host.Do($"ip route add 198.51.100.0/24 via {Router}", $"ip route add 2001:db8:2::/64 via {Router6}");
        Wait.Until(() => pair.Host.Reaches("198.51.100.1") && pair.Host.Reaches("2001:db8:2::1"), what: "the way through the router");
    }

    /// <summary>
    /// Makes a tunnel from us and one from the near host to a far end that nobody had anything to do with before: paths are
    /// remembered. Disposing the answer takes them away.
    /// </summary>
    /// <param name="commands">
    /// What makes tun1, as <see cref="KernelPair.Make"/> takes it; of brackets the first is for the tunnel from us, and the second for
    /// the near host's. LOCAL and REMOTE stand for its addresses, which tun1 gets where they are not named.
    /// </param>
    /// <param name="overIPv6">Whether the far end is one of IPv6.</param>
    public Tunnels Make(string commands, bool overIPv6) => new(_pair, commands, overIPv6, ++_far);

    /// <inheritdoc/>
    public void Dispose()
    {
        _pair.Kernel.Run("ip netns del near; ip netns del far; sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0; " +
            "ip addr del fe80::2/64 dev eth0");
        _pair.Host.Run("ip route del 198.51.100.0/24; ip route del 2001:db8:2::/64");
    }

    private static string[] Behind(string name, string network, string network6, int mtu) =>
    [
        $"ip netns add {name}",
        $"ip link add {name} mtu {mtu} type veth peer name eth0 mtu {mtu} netns {name}",
        $"ip addr add fe80::2/64 dev {name} && ip addr add {network}.254/24 dev {name} && ip addr add {network6}::ff/64 nodad dev {name}",
        $"for d in all default eth0; do ip netns exec {name} sysctl -qw net.ipv6.conf.$d.accept_dad=0 " +
            "net.ipv6.conf.$d.addr_gen_mode=1; done",
        $"ip link set {name} up && ip -n {name} link set lo up && ip -n {name} link set eth0 up",
        $"ip -n {name} addr add {network}.1/24 dev eth0 && ip -n {name} addr add {network6}::1/64 nodad dev eth0",
        $"ip -n {name} route add default via {network}.254 && ip -n {name} -6 route add default via {network6}::ff",
    ];

    /// <summary>Our tunnel and the near host's, alike but for their addresses.</summary>
    public sealed partial class Tunnels : IDisposable
    {
        private readonly KernelPair _pair;
        private readonly string _undo;
        private readonly int _far;

        internal Tunnels(KernelPair pair, string commands, bool overIPv6, int far)
        {
            (_pair, _far) = (pair, far);
            _undo = string.Concat(Regex.Matches(commands, "fou add [^;]*").Select(port => $"; $p {port.Value.Replace("add", "del")}")) +
                (commands.Contains("l2tp", StringComparison.Ordinal) ? "; for i in 1 2; do $p l2tp del tunnel tunnel_id $i; done" : "") +
                (commands.Contains("xfrm", StringComparison.Ordinal) ? "; $p xfrm policy flush; $p xfrm state flush" : "");
            var (ours, near) = overIPv6 ? ("2001:db8:1::1", "2001:db8:3::1") : ("192.0.2.1", "203.0.113.1");
            FarEnd = overIPv6 ? $"2001:db8:2::{far}" : string.Create(CultureInfo.InvariantCulture, $"198.51.100.{far}");
            string[] kernels =
            [
                .. At("near", Of(commands, ours: false, near, FarEnd, "ip -n near"), "tun1", own: 1, network: 1),
                .. At("far", Of(commands, ours: true, FarEnd, ours, "ip -n far"), "tun1", own: 2, network: 0),
                .. At("far", Of(commands, ours: false, FarEnd, near, "ip -n far").Where(line => !line.Contains("fou add"))
                    .Select(line => line.Replace("tun1", "tun2")), "tun2", own: 2, network: 1),
            ];
            pair.Kernel.Do(string.Join(" && ", kernels));
            pair.Host.Do([.. Of(commands, ours: true, ours, FarEnd, "qanat"), .. Up("ip", "tun1", own: 1, network: 0)]);
        }

        /// <summary>The far end's address.</summary>
        public string FarEnd { get; }

        /// <summary>
        /// What a line of shell says on our host and on the near one, line by line and sorted, without times; $a and $b in it are
        /// the far addresses inside.
        /// </summary>
        public (string[] Ours, string[] Kernels) Said(string script)
        {
            var kernels = Task.Run(() => Lines(_pair.Kernel.Run($"ip netns exec near sh -c '{Inside(1)}{script}' 2>&1").Output));
            var ours = Lines(_pair.Host.Run($"{{ {Inside(0)}{script}\n}} 2>&1").Output);
            return (ours, kernels.GetAwaiter().GetResult());
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            _pair.Host.Run($"p=qanat; $p link del tun1{_undo}; ip route flush cache");
            _pair.Kernel.Run($"for n in near far; do p=\"ip -n $n\"; $p link del tun1; $p link del tun2{_undo}; done");
        }

        private static IEnumerable<string> Of(string commands, bool ours, string local, string remote, string program) =>
            KernelPair.Commands(commands, ours)
                .Select(line => $"{program} {line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]}")
                .Select(line => line.Contains("tun1", StringComparison.Ordinal) && !commands.Contains("LOCAL", StringComparison.Ordinal)
                    ? $"{line} local LOCAL remote REMOTE" : line)
                .Select(line => line.Replace("LOCAL", local, StringComparison.Ordinal).Replace("REMOTE", remote, StringComparison.Ordinal));

        private string[] At(string space, IEnumerable<string> commands, string device, int own, int network) =>
            [.. commands, .. Up($"ip -n {space}", device, own, network)];

        // In a network of its own, for each inner sender has its own share of ICMP errors.
        private string[] Up(string ip, string device, int own, int network) =>
        [
            $"{ip} link set {device} up",
            $"{ip} addr add 10.{_far}.{network}.{own}/24 dev {device}",
            $"{ip} addr add fd00:{_far}:{network}::{own}/64 nodad dev {device}",
        ];

        private string Inside(int network) => $"a=10.{_far}.{network}.2; b=fd00:{_far}:{network}::2; ";

        private string[] Lines(string output) =>
            [.. output.Split('\n').Select(line => Varying.Replace(line.Trim(), "")).Where(line => line.Length > 0)
                .Select(line => line.Replace($"10.{_far}.1.", $"10.{_far}.0.", StringComparison.Ordinal)
                    .Replace($"fd00:{_far}:1::", $"fd00:{_far}:0::", StringComparison.Ordinal)
                    .Replace($"fd00:{_far}::", $"fd00:{_far}:0::", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)];

        [GeneratedRegex(@",? time[= ].*| expires \d+sec|^rtt .*| uid \d+")]
        private static partial Regex Varying { get; }
    }
}
