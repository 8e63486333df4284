using System.Net;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Qanat.Cli.Commands.Vpn;
using Qanat.Cli.Tests.Support;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Cli.Tests.Vpn;

public sealed class VpnVerbTests : IDisposable
{
    private const string Init =
        "vpn init office --endpoint vpn.example.com:51820 --subnet 10.8.0.0/24,fd00:8::/64 --access intranet=192.168.0.0/16";

    private readonly string _root = Directory.CreateTempSubdirectory("qanat-vpn-cli-").FullName;
    private readonly VpnSurroundings _vpn;
    private HubStatus? _hub;
    private (string, AllowedIp)[] _host = [];

    public VpnVerbTests() => _vpn = new() { Root = _root, Hub = _ => _hub, HostSubnets = () => _host };

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_network_is_made_and_what_comes_next_is_said()
    {
        var outcome = Run(Init);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("qanat vpn up office\n", outcome.Out);
        Assert.Contains("qanat vpn invite office PEER --qr\n", outcome.Out);
        Assert.Contains("The hub has 10.8.0.1/24, fd00:8::1/64, UDP port 51820", outcome.Out);
        Assert.Equal((1, ""), (Run(Init).ExitCode, Run(Init).Out));
    }

    [Theory]
    [InlineData("vpn init of/fice --endpoint h:1 --subnet 10.8.0.0/24 --access peers", "no name for a network")]
    [InlineData("vpn init all --endpoint h:1 --subnet 10.8.0.0/24 --access peers", "the kernel's own")]
    [InlineData("vpn init office --endpoint h --subnet 10.8.0.0/24 --access peers", "endpoint: \"h\" has no port")]
    [InlineData("vpn init office --endpoint h:1 --subnet 10.8.0.1/24 --access peers", "say 10.8.0.0/24")]
    [InlineData("vpn init office --endpoint h:1 --subnet 10.8.0.0/31 --access peers", "too small")]
    [InlineData("vpn init office --endpoint h:1 --subnet 10.8.0.0/24 --access all", "none of peers")]
    [InlineData("vpn init office --endpoint h:1 --subnet 10.8.0.0/24 --access peers --mtu 70000", "no number of bytes")]
    [InlineData("vpn init office --endpoint h:1 --subnet 10.8.0.0/24 --access peers --dns 10.8", "dns: \"10.8\"")]
    [InlineData("vpn init office --subnet 10.8.0.0/24 --access peers", "--endpoint")]
    [InlineData("vpn init --endpoint h:1 --subnet 10.8.0.0/24 --access peers", "init")]
    [InlineData("vpn", "qanat vpn needs a verb; qanat vpn --help lists them")]
    [InlineData("vpn add office", "\"add\" is no verb of qanat vpn; qanat vpn --help lists them")]
    public void A_mistake_is_one_line_and_nothing_is_made(string words, string why)
    {
        var outcome = Run(words);
        Assert.Equal((255, ""), (outcome.ExitCode, outcome.Out));
        Assert.Contains(why, outcome.Error);
        Assert.Equal(1, outcome.Error.Count(c => c == '\n'));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    [Fact]
    public void An_intranet_that_peers_have_no_address_for_is_named() => Assert.Equal(
        "Peers have no address to reach fd07::/64 from: name a subnet of IPv6 too.\n",
        Run("vpn init lab --endpoint h:1 --subnet 10.8.0.0/24 --access intranet=192.168.0.0/16,fd07::/64").Error);

    [Fact]
    public void A_split_that_a_peer_has_no_address_for_is_named()
    {
        Run("vpn init lab --endpoint h:1 --subnet 10.8.0.0/24 --access internet");
        Assert.StartsWith(
            "anna has no address to reach ::/0 from: lab has no subnet of IPv6.\n",
            Run("vpn invite lab anna --split 10.8.0.0/24,::/0").Error);
        Assert.DoesNotContain("no address", Run("vpn invite lab ben").Error);
    }

    [Theory]
    [InlineData("203.0.113.1:51820", "intranet=203.0.113.0/25", true)]
    [InlineData("[fd07::1]:51820", "intranet=fd07::/64", true)]
    [InlineData("203.0.113.1:51820", "intranet=203.0.113.128/25", false)]
    [InlineData("203.0.113.1:51820", "intranet=0.0.0.0/0", false)]
    [InlineData("203.0.113.1:51820", "internet", false)]
    [InlineData("vpn.example.com:51820", "intranet=203.0.113.0/25", false)]
    public void An_endpoint_that_peers_would_send_through_the_tunnel_is_named(string endpoint, string access, bool isNamed)
    {
        const string line = "Peers cannot connect with such a file: the hub's own endpoint ";
        var made = Run($"vpn init corp --endpoint {endpoint} --subnet 10.20.0.0/24,fd20::/64 --access {access} --dns 9.9.9.9");
        Assert.Equal((0, isNamed), (made.ExitCode, made.Error.StartsWith($"{line}{endpoint} is in ", StringComparison.Ordinal)));
        Assert.Equal(isNamed, Run("vpn invite corp anna").Error.Contains(line, StringComparison.Ordinal));
        Assert.DoesNotContain(line, Run("vpn invite corp ben --split 10.20.0.0/24").Error);
        Assert.Equal(endpoint[0] == '2', Run("vpn invite corp carl --split 203.0.0.0/8").Error.Contains(line, StringComparison.Ordinal));
    }

    [Fact]
    public void Networks_that_cannot_both_be_up_are_named()
    {
        Run(Init);
        Assert.Equal(
            "The network office has 10.8.0.0/24, UDP port 51820 too: they cannot both be up on one machine.\n",
            Run("vpn init lab --endpoint h:51820 --subnet 10.8.0.128/25 --access peers").Error);
        Assert.Equal("", Run("vpn init home --endpoint h:51821 --subnet 10.9.0.0/24 --access intranet=10.8.0.0/24").Error);
    }

    [Theory]
    [InlineData("10.8.0.0/24")]
    [InlineData("10.0.0.0/8")]
    [InlineData("10.8.0.5/32")]
    [InlineData("fd00:8::/48")]
    public void A_subnet_that_the_host_has_on_another_device_is_named(string prefix)
    {
        _host = [("eth0", Prefix("10.9.0.0/16")), ("eth1", Prefix(prefix)), ("office", Prefix(prefix)), ("eth2", Prefix("fd00:9::/64"))];
        var outcome = Run(Init);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(
            $"The device eth1 has {prefix} too: its hosts and the peers cannot both be reached from here; " +
            "take another --subnet, or take that from eth1.\n", outcome.Error);
    }

    [Fact]
    public void A_network_that_is_up_is_named_once()
    {
        Run(Init);
        _host = [("office", Prefix("10.8.0.0/24"))];
        Assert.StartsWith("The network office has ",
            Assert.Single(Run("vpn init lab --endpoint h:1 --subnet 10.8.0.0/16 --access peers").Error.TrimEnd().Split('\n')));
    }

    [Fact]
    public void Devices_have_what_their_addresses_and_routes_are_for()
    {
        using var space = NetworkNamespace.Create();
        space.Run(() =>
        {
            using var netlink = new RouteNetlink();
            var lo = netlink.Links.Get("lo").Index;
            netlink.Links.SetUp(lo);
            netlink.Addresses.Add(new() { InterfaceIndex = lo, Address = IPAddress.Parse("10.8.0.1"), PrefixLength = 24 });
            netlink.Routes.Add(new() { Destination = IPNetwork.Parse("10.9.0.0/16"), OutputInterface = lo });
            netlink.Routes.Add(new() { Destination = IPNetwork.Parse("0.0.0.0/1"), OutputInterface = lo });
            netlink.Routes.Add(new() { Destination = IPNetwork.Parse("10.10.0.0/16"), Gateway = IPAddress.Parse("10.8.0.2") });
            Assert.Equal(["lo 10.8.0.0/24", "lo 10.9.0.0/16"],
                HostSubnets.List().Where(held => !held.Prefix.Address.IsIPv6 && held.Prefix.Address.IPv4.Value >> 24 != 127)
                    .Select(held => $"{held.Device} {held.Prefix}").Order(StringComparer.Ordinal));
        });
    }

    [Fact]
    public void An_MTU_that_IPv6_cannot_live_with_is_refused()
    {
        var outcome = Run($"{Init} --mtu 1200");
        Assert.Equal((255, "", "mtu: IPv6 needs 1280 bytes, and 1200 are less; leave out its subnet, or say more\n"),
            (outcome.ExitCode, outcome.Out, outcome.Error));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    [Fact]
    public void An_invitation_prints_the_file_and_nothing_else()
    {
        Run(Init);
        var outcome = Run("vpn invite office anna");
        Assert.Equal((0, "office is not up here: this takes effect at \"qanat vpn up office\".\n"), (outcome.ExitCode, outcome.Error));
        var reading = ConfigReader.Read(Encoding.UTF8.GetBytes(outcome.Out));
        Assert.Empty(reading.Mistakes);
        Assert.Equal(["10.8.0.2/32", "fd00:8::2/128"], reading.Config!.Addresses.Select(address => address.ToString()));
        Assert.Contains("\nAllowedIPs = 10.8.0.0/24, fd00:8::/64, 192.168.0.0/16\n", outcome.Out);
        using var network = _vpn.Open("office").Read();
        Assert.Equal(network.Find("anna")!.PublicKey, WireGuardKeys.PublicOf(reading.Config.Device.PrivateKey!));
        Assert.DoesNotContain(
            outcome.Out.Split("PrivateKey = ")[1].Split('\n')[0],
            string.Concat(Directory.EnumerateFiles(Path.Combine(_root, "office")).Select(File.ReadAllText)));
    }

    [Theory]
    [InlineData("vpn invite office anna", 1, "has a peer anna already")]
    [InlineData("vpn invite office a/b", 255, "no name for a peer")]
    [InlineData("vpn invite office ben --expires soon", 255, "no time")]
    [InlineData("vpn invite office ben --expires 2001-01-01", 255, "over already")]
    [InlineData("vpn invite office ben --split 10.8", 255, "no network")]
    [InlineData("vpn invite office ben --public-key abc", 255, "no key")]
    [InlineData("vpn invite office ben --qr-file ben.gif", 255, "neither .svg nor .png")]
    [InlineData("vpn invite office ben --qr-file /nowhere/ben.svg", 1, "/nowhere/ben.svg")]
    [InlineData("vpn invite other ben", 1, "there is no network other")]
    [InlineData("vpn revoke office ben", 1, "has no peer ben")]
    [InlineData("vpn rotate office ben", 1, "has no peer ben")]
    [InlineData("vpn rotate office anna --grace 1y", 255, "no time")]
    [InlineData("vpn list other", 1, "there is no network other")]
    [InlineData("vpn show other", 1, "there is no network other")]
    [InlineData("vpn graph other", 1, "there is no network other")]
    [InlineData("vpn graph office -o /nowhere/x.svg", 1, "/nowhere/x.svg")]
    [InlineData("vpn graph office -o ", 255, "a file's name is expected")]
    public void A_refusal_is_one_line_and_changes_nothing(string words, int exitCode, string why)
    {
        Run(Init);
        Run("vpn invite office anna");
        var before = Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Order().Select(File.ReadAllText).ToArray();
        var outcome = Run(words);
        Assert.Equal((exitCode, ""), (outcome.ExitCode, outcome.Out));
        Assert.Contains(why, outcome.Error);
        Assert.Equal(1, outcome.Error.Count(c => c == '\n'));
        Assert.Equal(before, Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Order().Select(File.ReadAllText));
    }

    [Fact]
    public void A_peer_with_its_own_key_is_told_to_add_it()
    {
        Run(Init);
        using var own = WireGuardKeys.GeneratePrivate();
        var outcome = Run($"vpn invite office anna --public-key {WireGuardKeys.PublicOf(own)}");
        Assert.DoesNotContain("PrivateKey", outcome.Out);
        Assert.StartsWith("The file has no PrivateKey", outcome.Error);
    }

    [Fact]
    public void A_QR_code_goes_to_the_terminal_and_into_files_that_are_their_owners()
    {
        Run(Init);
        var terminal = Run("vpn invite office anna --qr");
        Assert.StartsWith("[Interface]\n", terminal.Out);
        Assert.DoesNotContain('█', terminal.Out);
        Assert.Contains('█', terminal.Error);

        var (svg, png) = (Path.Combine(_root, "x.svg"), Path.Combine(_root, "x.png"));
        Assert.Equal(0, Run($"vpn invite office ben --qr-file {svg}").ExitCode);
        Assert.Equal(0, Run($"vpn invite office cleo --qr-file {png}").ExitCode);
        Assert.Equal("svg", XDocument.Load(svg).Root!.Name.LocalName);
        Assert.Equal("\x89PNG\r\n\x1a\n", Encoding.Latin1.GetString(File.ReadAllBytes(png)[..8]));
        Assert.All([svg, png], file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void A_file_that_no_QR_code_can_hold_invites_nobody()
    {
        Run(Init);
        var split = string.Join(',', Enumerable.Range(0, 255).Select(number => $"10.{number}.0.0/16"));
        var outcome = Run($"vpn invite office anna --qr --split {split}");
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Out));
        Assert.Contains("a QR code cannot hold", outcome.Error);
        using var network = _vpn.Open("office").Read();
        Assert.Empty(network.Peers);
    }

    [Fact]
    public void A_rotation_says_how_long_the_former_key_is_good()
    {
        Run(Init);
        Run("vpn invite office anna");
        var outcome = Run("vpn rotate office anna --grace 2h");
        Assert.StartsWith("[Interface]\n", outcome.Out);
        Assert.StartsWith("The key that anna had is good until 20", outcome.Error);
        using var network = _vpn.Open("office").Read();
        Assert.NotNull(network.Find("anna")!.Former);
        Assert.Matches(
            "^The key that anna had is good until 20.*\\.\nOne from before that is good until 20", Run("vpn rotate office anna").Error);
        Assert.DoesNotContain("is good until", Run("vpn rotate office anna --grace 0s").Error);
    }

    [Fact]
    public void While_a_former_key_is_good_list_and_show_say_so()
    {
        Run(Init);
        Run("vpn invite office anna --expires 2090-01-01");
        Run("vpn invite office ben");
        Assert.DoesNotContain("FORMER KEY", Run("vpn list office").Out);
        Run("vpn rotate office anna --grace 5200w");
        Assert.Matches(
            @" SENT +FORMER KEY UNTIL\nanna .* 2090-01-01 00:00:00 UTC .* 2090-01-01 00:00:00 UTC\nben .* -\n$",
            Run("vpn list office").Out);
        Assert.Contains(", former key until 2090-01-01 00:00:00 UTC\n", Run("vpn show office").Out);
    }

    [Fact]
    public void A_hub_whose_folder_was_replaced_is_waited_for_until_it_holds_the_new_one()
    {
        Run(Init);
        _hub = new(new Dictionary<PublicKey, HubPeer>());
        Assert.Contains("has not taken this on", CommandRunner.Run(
            _vpn with { Patience = TimeSpan.Zero }, "vpn", "invite", "office", "anna").Error);
    }

    [Fact]
    public void A_hub_that_runs_is_waited_for()
    {
        Run(Init);
        using var hub = _vpn.Open("office").TakeHub();
        var asked = 0;
        var vpn = _vpn with
        {
            Hub = _ =>
            {
                if (++asked < 3)
                    return new(new Dictionary<PublicKey, HubPeer>());
                using var network = _vpn.Open("office").Read();
                return new(network.Peers.ToDictionary(peer => peer.PublicKey, _ => new HubPeer(null, null, 0, 0)));
            },
        };
        Assert.Equal("", CommandRunner.Run(vpn, "vpn", "invite", "office", "anna").Error);
        Assert.Equal(3, asked);
        Assert.Contains("has not taken this on", CommandRunner.Run(
            _vpn with { Patience = TimeSpan.Zero }, "vpn", "revoke", "office", "anna").Error);
    }

    [Fact]
    public void A_list_joins_what_is_kept_with_how_the_interface_is()
    {
        Run(Init);
        Assert.Contains("has no peers", Run("vpn list office").Out);
        Run("vpn invite office anna --expires 2090-01-01");
        Assert.Matches(
            @"^PEER +ADDRESSES +GOOD UNTIL .*\nanna +10\.8\.0\.2,fd00:8::2 +2090-01-01 00:00:00 UTC +- +- +- +-\n$",
            Run("vpn list office").Out);
        using var network = _vpn.Open("office").Read();
        _hub = new(new Dictionary<PublicKey, HubPeer>
        {
            [network.Find("anna")!.PublicKey] = new("192.0.2.7:4711", DateTimeOffset.UtcNow - TimeSpan.FromHours(3), 1536, 5),
        });
        Assert.Matches(@"\nanna .* 3h +192\.0\.2\.7:4711 +1\.50 KiB +5 B\n$", Run("vpn list office").Out);
        using var json = JsonDocument.Parse(Run("vpn list office --json").Out);
        var anna = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal(("anna", "192.0.2.7:4711", 1536), (
            anna.GetProperty("name").GetString(), anna.GetProperty("endpoint").GetString(), anna.GetProperty("rxBytes").GetInt32()));
        using var show = JsonDocument.Parse(Run("vpn show office --json").Out);
        Assert.True(show.RootElement.GetProperty("up").GetBoolean());
        Assert.False(show.RootElement.GetProperty("postQuantum").GetBoolean());
        Assert.Contains("state       up\n", Run("vpn show office").Out);
        Assert.DoesNotContain("rivate", Run("vpn show office --json").Out);
    }

    [Fact]
    public void Of_a_peer_that_has_expired_the_hub_knows_nothing()
    {
        Run(Init);
        Run("vpn invite office anna --expires 2090-01-01");
        _hub = new(new Dictionary<PublicKey, HubPeer>());
        Assert.Matches(@"\nanna .* 00:00:00 UTC +never +- +0 B +0 B\n$", Run("vpn list office").Out);
        var later = CommandRunner.Run(_vpn with { Time = new Stopped(new(2090, 1, 2, 0, 0, 0, TimeSpan.Zero)) }, "vpn", "list", "office");
        Assert.Matches(@"\nanna .* expired +- +- +- +-\n$", later.Out);
    }

    [Fact]
    public void Post_quantum_keys_are_shown_where_they_are_made()
    {
        Run($"{Init} --post-quantum");
        Run("vpn invite office anna");
        using var network = _vpn.Open("office").Read();
        _hub = new(new Dictionary<PublicKey, HubPeer>
        {
            [network.Find("anna")!.PublicKey] =
                new("192.0.2.7:4711", DateTimeOffset.UtcNow - TimeSpan.FromHours(3), 1, 2, PostQuantum: true),
        });
        using var hub = _vpn.Open("office").TakeHub();
        Assert.Matches(@" 3h pq +192\.0\.2\.7:4711 ", Run("vpn list office").Out);
        Assert.Contains("keys        post-quantum, with peers that make them too\n", Run("vpn show office").Out);
        Assert.Contains("handshake 3h ago, post-quantum key\n", Run("vpn show office").Out);
        using var json = JsonDocument.Parse(Run("vpn show office --json").Out);
        Assert.True(json.RootElement.GetProperty("postQuantum").GetBoolean());
        Assert.True(json.RootElement.GetProperty("peers")[0].GetProperty("postQuantum").GetBoolean());
    }

    [Fact]
    public void A_graph_goes_to_standard_output_or_a_file()
    {
        Run(Init);
        var file = Path.Combine(_root, "office.svg");
        var outcome = Run("vpn graph office");
        Assert.Equal("svg", XDocument.Parse(outcome.Out).Root!.Name.LocalName);
        Assert.Equal("", Run($"vpn graph office -o {file}").Out);
        Assert.Equal(outcome.Out, File.ReadAllText(file));
    }

    [Fact]
    public void Names_of_networks_and_peers_are_completed()
    {
        Run(Init);
        Run("vpn invite office anna");
        Assert.Equal("office\n", Suggest("qanat vpn revoke o"));
        Assert.Equal("anna\n", Suggest("qanat vpn revoke office a"));
        Assert.Equal("\n", Suggest("qanat vpn revoke other a"));
    }

    private static AllowedIp Prefix(string text) =>
        AllowedIp.TryParse(text, out var prefix, out _) ? prefix : throw new ArgumentException(text);

    private string Suggest(string line) => CommandRunner.Run(_vpn, $"[suggest:{line.Length}]", line).Out;

    private CommandOutcome Run(string words) => CommandRunner.Run(_vpn, words.Split(' '));

    private sealed class Stopped(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
