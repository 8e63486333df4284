using System.Globalization;
using System.Net;
using Qanat.EndToEnd.Tests.WireGuard;
using Qanat.Testing;

namespace Qanat.EndToEnd.Tests.Vpn;

/// <summary>
/// A client, a hub, a server in the intranet behind the hub and a host in the internet behind it, over both IP versions. The
/// client's only router is the hub, which forwards nothing by itself, and nobody but the hub knows of the VPN's addresses.
/// </summary>
public sealed class HubNetwork : IDisposable
{
    /// <summary>The hub's addresses: where clients find it, in the intranet, in the internet, in the VPN.</summary>
    public const string HubOutside = "198.51.100.1", HubInside = "192.168.7.1", HubInside6 = "fd07::1", HubBeyond = "203.0.113.1",
        HubBeyond6 = "fd13::1", HubInVpn = "10.8.0.1", HubInVpn6 = "fd00:8::1";

    /// <summary>The hosts behind it.</summary>
    public const string ServerAddress = "192.168.7.2", ServerAddress6 = "fd07::2", InternetAddress = "203.0.113.2",
        InternetAddress6 = "fd13::2";

    /// <summary>The client's addresses in the VPN, when it was invited first.</summary>
    public const string ClientInVpn = "10.8.0.2", ClientInVpn6 = "fd00:8::2";

    /// <summary>Everybody's addresses that answer a ping when nothing keeps them from it.</summary>
    public static readonly string[] Beyond = [ServerAddress, ServerAddress6, InternetAddress, InternetAddress6];

    /// <summary>The hub's UDP port.</summary>
    public const int Port = 51820;

    private const int EchoPort = 7000;

    private readonly List<string> _devices = [];

    /// <summary>Makes the hosts, and the network, which is not up.</summary>
    /// <param name="access">What <c>qanat vpn init --access</c> takes.</param>
    public HubNetwork(string access)
    {
        Name = NewDevice();
        TestNamespace.Join(Client, "eth0", Hub, "eth0");
        TestNamespace.Join(Hub, "lan0", Server, "eth0");
        TestNamespace.Join(Hub, "wan0", Internet, "eth0");
        Hub.Do("sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0");
        Address(Hub, "eth0", $"{HubOutside}/24", "fd51::1/64");
        Address(Hub, "lan0", $"{HubInside}/24", $"{HubInside6}/64");
        Address(Hub, "wan0", $"{HubBeyond}/24", $"{HubBeyond6}/64");
        Address(Client, "eth0", "198.51.100.2/24", "fd51::2/64");
        Address(Server, "eth0", $"{ServerAddress}/24", $"{ServerAddress6}/64");
        Address(Internet, "eth0", $"{InternetAddress}/24", $"{InternetAddress6}/64");
        Client.Do($"ip route add default via {HubOutside}", "ip route add default via fd51::1");
        Wait.Until(() => Hub.Do("ip -6 addr show tentative").Length == 0, what: "the hub's addresses to be its own");
        Vpn($"init {Name} --endpoint {HubOutside}:{Port} --subnet 10.8.0.0/24,fd00:8::/64 --access {access}");
    }

    /// <summary>A peer to be.</summary>
    public TestNamespace Client { get; } = new("client");

    /// <summary>The access point.</summary>
    public TestNamespace Hub { get; } = new("hub");

    /// <summary>A host of the intranet.</summary>
    public TestNamespace Server { get; } = new("server");

    /// <summary>A host of the internet.</summary>
    public TestNamespace Internet { get; } = new("internet");

    /// <summary>The network's name, and its device's.</summary>
    public string Name { get; }

    /// <summary>The folder of the network.</summary>
    public string Folder => Path.Combine(Hub.RunDirectory, "etc", Name);

    /// <summary>The hub's process.</summary>
    public int HubProcess => ProcessWith($"vpn\0up\0--detach\0{Name}");

    /// <summary>The process that holds its firewall.</summary>
    public int FirewallProcess => ProcessWith("nft\0-i");

    /// <summary>The words of <c>qanat vpn</c>, with the variable that says where networks are.</summary>
    public string Command(string words) => $"QANAT_CONFIG_DIR={Hub.RunDirectory}/etc qanat vpn {words}";

    /// <summary>Runs <c>qanat vpn</c> on the hub.</summary>
    public string Vpn(string words) => Hub.Do(Command(words));

    /// <summary>Brings the hub up.</summary>
    public void Up() => Vpn($"up {Name}");

    /// <summary>Takes it down.</summary>
    public void Down() => Vpn($"down {Name}");

    /// <summary>Invites a peer, or gives it another key, and has its file on the client.</summary>
    /// <param name="words"><c>invite</c> or <c>rotate</c>, the peer, and more.</param>
    /// <param name="verb">The verb.</param>
    /// <returns>The file.</returns>
    public string FileOf(string words, string verb = "invite")
    {
        var file = Path.Combine(Client.RunDirectory, $"{NewDevice()}.conf");
        File.WriteAllText(file, Vpn($"{verb} {Name} {words}"));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    /// <summary>Invites a peer, and brings its end up with <c>qanat up</c>.</summary>
    /// <returns>The file.</returns>
    public string Join(string words, string options = "")
    {
        var file = FileOf(words);
        Client.Do($"qanat up {options} {file}");
        return file;
    }

    /// <summary>A file that asks for more than the peer was given.</summary>
    public static void Widen(string file, string more) =>
        File.WriteAllText(file, File.ReadAllText(file).Replace("AllowedIPs = ", $"AllowedIPs = {more}, ", StringComparison.Ordinal));

    /// <summary>Waits until one host reaches an address: a handshake may take its time.</summary>
    public static void WaitToReach(TestNamespace from, string address) =>
        Wait.Until(() => from.Reaches(address), what: $"{address} to answer");

    /// <summary>A host that tells everybody who connects from which address they came.</summary>
    public static RunningCommand Echo(TestNamespace host, bool isIPv6)
    {
        var version = isIPv6 ? 6 : 4;
        var echo = host.Start($"exec socat TCP{version}-LISTEN:{EchoPort},reuseaddr,fork SYSTEM:'echo $SOCAT_PEERADDR'");
        Wait.Until(() => host.Do($"ss -Hltn{version} 'sport = :{EchoPort}'").Length > 0, what: "socat to listen");
        return echo;
    }

    /// <summary>The address that such a host sees the client come from.</summary>
    public string SeenBy(string address)
    {
        var target = address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
        return IPAddress.Parse(Client.Do($"socat -u TCP:{target}:{EchoPort},connect-timeout=10 STDOUT").Trim().Trim('[', ']')).ToString();
    }

    /// <summary>The hub's forwarding, addresses, routes, rules and filters.</summary>
    public string StateOfHub() => string.Concat(
        Hub.Do("sysctl -a 2>/dev/null | grep -E 'forwarding|accept_ra |redirects'"),
        Hub.Do("ip -o addr show | sed 's/ valid_lft.*//'"),
        Hub.Do("ip route show table all; ip -6 route show table all | sort"),
        Hub.Do("ip rule; ip -6 rule"),
        Hub.Do("nft list ruleset"));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var host in (TestNamespace[])[Client, Hub, Server, Internet])
            host.Dispose();
        foreach (var device in _devices)
            File.Delete(WireGuardEnd.SocketOf(device)); // of a program that was killed
    }

    private static void Address(TestNamespace host, string device, string ipv4, string ipv6) =>
        host.Do($"ip addr add {ipv4} dev {device}", $"ip addr add {ipv6} dev {device} nodad");

    private int ProcessWith(string words) => Hub.Processes.Single(pid => CommandLine(pid).Contains(words, StringComparison.Ordinal));

    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline"));
        }
        catch (IOException)
        {
            return ""; // It ended meanwhile.
        }
    }

    private string NewDevice()
    {
        var name = WireGuardEnd.NewName();
        _devices.Add(name);
        return name;
    }
}
