using Qanat.Cli.Client;
using Qanat.Cli.Tests.Support;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Tests;

public class AppTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--help")]
    [InlineData("-help")]
    [InlineData("help")]
    [InlineData("h")]
    public void Help_is_a_page_with_examples(string words)
    {
        var outcome = Run(words);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("qanat tunnel add tun1 mode ipip remote 10.10.50.186 local 10.10.50.71\n", outcome.Out);
    }

    [Theory]
    [InlineData("tunnel --help")]
    [InlineData("tunl --help")]
    [InlineData("t -h")]
    [InlineData("status --help")]
    [InlineData("link --help")]
    [InlineData("fou --help")]
    [InlineData("l2tp --help")]
    [InlineData("fdb --help")]
    [InlineData("daemon -h")]
    [InlineData("completion --help")]
    [InlineData("echo --help")]
    [InlineData("apply --help")]
    [InlineData("export --help")]
    [InlineData("top --help")]
    [InlineData("events --help")]
    [InlineData("metrics --help")]
    [InlineData("vpn --help")]
    [InlineData("vpn init --help")]
    [InlineData("vpn invite --help")]
    [InlineData("vpn revoke --help")]
    [InlineData("vpn rotate --help")]
    [InlineData("vpn list --help")]
    [InlineData("vpn show --help")]
    [InlineData("vpn graph --help")]
    public void Every_verb_has_help_with_examples(string words)
    {
        var outcome = Run(words);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Matches("(?i)examples", outcome.Out);
        Assert.Contains("qanat " + words.Split(' ')[0][..1], outcome.Out);
    }

    [Fact]
    public void Options_without_an_object_get_the_page_on_standard_error()
    {
        var outcome = Run("-s");
        Assert.Equal((255, ""), (outcome.ExitCode, outcome.Out));
        Assert.StartsWith("NAME\n", outcome.Error);
    }

    [Fact]
    public void The_version_is_told_in_our_words_and_in_those_of_ip()
    {
        Assert.Matches(@"^qanat \d+\.\d+\.\d+\n$", Run("--version").Out);
        Assert.Matches(@"^qanat utility, iproute2-6\.1\.0, qanat \d+\.\d+\.\d+\n$", Run("-V").Out);
    }

    [Theory]
    [InlineData("foo", "Object \"foo\" is unknown, try \"qanat help\".", 1)]
    [InlineData("-n qanat-nosuch tunnel show", "Cannot open network namespace \"qanat-nosuch\": No such file or directory", 255)]
    [InlineData("-n .. tunnel show", "Cannot open network namespace \"..\": No such file or directory", 255)]
    [InlineData("-0 tunnel show", "Unsupported protocol family: 17", 255)]
    [InlineData("tunnel show dev nosuch", "Cannot find device \"nosuch\"", 1)]
    [InlineData("completion tcsh", "Argument 'tcsh' not recognized. Must be one of:\n\t'bash'\n\t'zsh'\n\t'fish'", 255)]
    [InlineData("daemon --idle-exit -1", "--idle-exit: seconds are expected, 0 or more.", 255)]
    [InlineData("daemon --idle-exit soon", "--idle-exit: seconds are expected, 0 or more.", 255)]
    [InlineData("capture lo -c x", "--count: a number above 0 is expected.", 255)]
    [InlineData("capture lo -s 0", "--snap-length: a number above 0 is expected.", 255)]
    [InlineData("capture lo -w x.pcapng --json", "--write makes a pcapng file, and --json lines: give one of them.", 255)]
    [InlineData("-j capture lo -w -", "--write makes a pcapng file, and --json lines: give one of them.", 255)]
    [InlineData("doctor --foo", "Unrecognized command or argument '--foo'.", 255)]
    [InlineData("apply --foo", "Unrecognized command or argument '--foo'.", 255)]
    [InlineData("status --foo", "Unrecognized command or argument '--foo'.", 255)]
    [InlineData("capture lo -w", "Required argument missing for option: '-w'.", 255)]
    [InlineData("status foo", "Unrecognized command or argument 'foo'.", 255)]
    public void What_cannot_be_done_is_said_on_standard_error(string words, string text, int exitCode)
    {
        var outcome = Run(words);
        Assert.Equal((text + "\n", "", exitCode), (outcome.Error, outcome.Out, outcome.ExitCode));
    }

    [Theory]
    [InlineData("Cannot read : No such file or directory", "apply", "")]
    [InlineData("Cannot read : No such file or directory", "capture", "-r", "")]
    [InlineData("Cannot write : No such file or directory", "capture", "lo", "-w", "")]
    [InlineData("Cannot open file \"\" for reading: No such file or directory", "-b", "")]
    public void A_file_without_a_name_is_not_there(string text, params string[] words)
    {
        var outcome = CommandRunner.Run(new UnprivilegedClient(), words);
        Assert.Equal((text + "\n", "", 1), (outcome.Error, outcome.Out, outcome.ExitCode));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Each_shell_gets_a_script(string shell) => Assert.Contains("[suggest:", Run("completion " + shell).Out);

    [Theory]
    [InlineData("qanat ",
        "apply capture completion daemon doctor down echo events export fdb fou l2tp link metrics reload status top " +
        "tunnel tuntap up vpn xfrm")]
    [InlineData("qanat tunnel ", "6rd add change del help list prl show")]
    [InlineData("qanat tunnel add t mode ", "any gre ip6gre ip6ip6 ipip ipip6 isatap minimal sit vti vti6")]
    [InlineData("qanat -6 tunnel add t mode ", "any ip6gre ip6ip6 ipip6 vti6")]
    [InlineData("qanat tunnel add t mode ipip rem", "remote")]
    [InlineData("qanat tunnel add t mode gre ik", "ikey")]
    [InlineData("qanat tunnel add t mode ip6ip6 enc", "encaplimit")]
    [InlineData("qanat tunnel add t mode ip6ip6 encaplimit ", "none")]
    [InlineData("qanat -6 tunnel change tun1 fl", "flowlabel")]
    [InlineData("qanat tunnel add g1 mode gre key ", "")]
    [InlineData("qanat tunnel del tun", "tun1 tun2")]
    [InlineData("qanat tunnel prl ", "dev prl-default prl-delete prl-nodefault")]
    [InlineData("qanat tunnel prl prl-delete ", "any")]
    [InlineData("qanat tunnel 6rd dev ", "")]
    [InlineData("qanat tunnel 6rd dev s1 ", "6rd-prefix 6rd-relay_prefix 6rd-reset")]
    [InlineData("qanat link ", "add change del help list set show")]
    [InlineData("qanat link add g1 type ", "gre gretap ip6gre ip6gretap ip6tnl ipip sit vti vti6 vxlan")]
    [InlineData("qanat link add x1 type vxlan rem", "remote")]
    [InlineData("qanat link del tu", "tun1 tun2")]
    [InlineData("qanat fou add port 5555 ", "dev gue ipproto local peer peer_port")]
    [InlineData("qanat l2tp add ", "session tunnel")]
    [InlineData("qanat l2tp add tunnel enc", "encap")]
    [InlineData("qanat fdb add 02:00:00:00:00:01 dev x1 ds", "dst")]
    [InlineData("qanat fdb ", "add append del flush get help replace show")]
    [InlineData("qanat fdb get 02:00:00:00:00:01 dev x1 s", "self")]
    [InlineData("qanat fdb flush dev x1 nop", "nopermanent")]
    [InlineData("qanat completion ", "bash fish zsh")]
    public void The_words_that_may_come_next_are_suggested(string line, string expected)
    {
        var outcome = CommandRunner.Run(new TwoTunnels(), $"[suggest:{line.Length}]", line);
        var words = outcome.Out.Split('\n').Where(word => word.Length > 0 && !word.StartsWith('-')).Order(StringComparer.Ordinal);
        Assert.Equal(expected, string.Join(' ', words));
    }

    [Fact]
    public void Status_lists_what_the_daemon_says()
    {
        var outcome = CommandRunner.Run(new TwoTunnels(), "status");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("namespace  blue\n", outcome.Out);
        Assert.Contains("tso        on\n", outcome.Out);
    }

    [Theory]
    [InlineData("status --json")]
    [InlineData("-j status")]
    public void Status_is_JSON_when_asked_for(string words)
    {
        var outcome = CommandRunner.Run(new TwoTunnels(), words.Split(' '));
        var status = System.Text.Json.JsonDocument.Parse(outcome.Out).RootElement;
        Assert.Equal(("blue", 2), (status.GetProperty("namespace").GetString(), status.GetProperty("tunnels").GetInt32()));
    }

    [Theory]
    [InlineData("status", "No daemon runs in this network namespace.\n")]
    [InlineData("status --json", "null\n")]
    public void Without_a_daemon_the_status_is_3(string words, string text)
    {
        var outcome = Run(words);
        Assert.Equal((text, 3), (outcome.Out, outcome.ExitCode));
    }

    [Fact]
    public void Tunnels_are_listed_by_the_index_of_their_devices() =>
        Assert.Matches("^tun1: .*\ntun2: .*\n$", CommandRunner.Run(new TwoTunnels(), "tunnel").Out);

    [Theory]
    [InlineData("tunnel del mode ipip remote 192.0.2.2", "deleted tun2", 0)]
    [InlineData("tunnel del mode ipip remote 192.0.2.9", "2> delete tunnel \"tunl0\" failed: No such file or directory", 1)]
    [InlineData("tunnel change mode ipip remote 192.0.2.1 ttl 5", "changed tun1", 0)]
    [InlineData("tunnel show mode ipip remote 192.0.2.2", "tun2: ip/ip remote 192.0.2.2 local any ttl inherit", 0)]
    public void Without_a_name_a_tunnel_is_told_by_its_addresses(string words, string expected, int exitCode)
    {
        var client = new TwoTunnels();
        var outcome = CommandRunner.Run(client, words.Split(' '));
        Assert.Equal($"{expected}\n[{exitCode}]\n", client.Done + outcome);
    }

    [Theory]
    [InlineData("tunnel prl prl-default 192.0.2.1 dev tun1", "tun1: router 192.0.2.1 True")]
    [InlineData("tunnel prl dev tun1 prl-nodefault 192.0.2", "tun1: router 192.0.2.0 False")]
    [InlineData("tunnel prl dev tun1 prl-delete all", "tun1: no router any")]
    [InlineData("tunnel 6rd dev tun1 6rd-prefix 2001:db8::/32", "tun1: 2001:db8::/32 0.0.0.0/0")]
    [InlineData("tunnel 6rd dev tun1 6rd-relay_prefix 10/8", "tun1: ::/0 10.0.0.0/8")]
    [InlineData("tunnel 6rd dev tun1 6rd-reset 6rd-prefix any", "tun1: ::/0 0.0.0.0/0")]
    [InlineData("tunnel 6rd dev tun1 6rd-prefix any 6rd-reset dev tun2", "tun2: reset")]
    public void The_last_word_says_what_happens_to_routers_and_prefixes(string words, string expected)
    {
        var client = new TwoTunnels();
        var outcome = CommandRunner.Run(client, words.Split(' '));
        Assert.Equal($"{expected}\n[0]\n", client.Done + outcome);
    }

    private static CommandOutcome Run(string words) =>
        CommandRunner.Run(new UnprivilegedClient(), words.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private sealed class TwoTunnels : TunnelsAlone, IQanatClient
    {
        private static readonly CounterReport Nothing = new(0, 0, 0, 0, 0, 0, 0, new Dictionary<string, long>());

        public string Done { get; private set; } = "";

        public IReadOnlyList<TunnelReport> List() => [Report("tun2", 8, "192.0.2.2"), Report("tun1", 7, "192.0.2.1")];

        public TunnelReport Get(string name) =>
            List().FirstOrDefault(tunnel => tunnel.Spec.Name == name) ?? throw new ApiException(Errno.ENODEV);

        public void Add(TunnelSpec spec) => Done = $"added {spec.Name}\n";

        public void Change(string name, TunnelSpec spec) => Done = $"changed {name}\n";

        public void Delete(string name) => Done = $"deleted {name}\n";

        public void AddRouter(string name, RouterSpec router) => Done = $"{name}: router {router.Address} {router.Default}\n";

        public void DeleteRouter(string name, RouterSpec router) => Done = $"{name}: no router {router.Address}\n";

        public void Set6rd(string name, SixRdSpec prefixes) => Done = $"{name}: {prefixes.Prefix} {prefixes.RelayPrefix}\n";

        public void Reset6rd(string name) => Done = $"{name}: reset\n";

        public Stream? Capture(string name, int snapLength) => null;

        public string? Metrics() => null;

        public DaemonStatus? Status() =>
            new("0.1.0", 7, "blue", DateTimeOffset.UnixEpoch, 2, "user", new Dictionary<string, string> { ["tso"] = "on" });

        private static TunnelReport Report(string name, int index, string remote) =>
            new(new() { Name = name, Mode = "ipip", Remote = remote }, index, 1480, true, Nothing);
    }
}
