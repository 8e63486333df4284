using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>
/// UDP ports, tunnels of L2TP and forwarding entries in the file of <c>qanat apply</c>, on two hosts with a wire between.
/// </summary>
public sealed class ApplyBesideTests : IDisposable
{
    private const string Host = """
        network:
          version: 2
          fou-ports:
            - {port: 5555, protocol: 4}
            - {port: 6080, type: gue}
          l2tp-tunnels:
            - {tunnel-id: 1, peer-tunnel-id: 1, local: 10.10.50.71, remote: 10.10.50.186, source-port: 1701, port: 1701}
          tunnels:
            fou1:
              mode: ipip
              local: 10.10.50.71
              remote: 10.10.50.186
              encap: {type: fou, port: 5555}
              addresses: [192.168.1.1/24]
            gue1:
              mode: gre
              local: 10.10.50.71
              remote: 10.10.50.186
              encap: {type: gue, port: 6080}
              addresses: [192.168.2.1/24]
            eth7:
              mode: l2tp
              l2tp: {tunnel-id: 1, session-id: 7, peer-session-id: 7}
              addresses: [192.168.3.1/24]
            vx1:
              mode: vxlan
              id: 100
              port: 4789
              local: 10.10.50.71
              addresses: [192.168.4.1/24]
              fdb:
                - {macaddress: "00:00:00:00:00:00", remote: 10.10.50.186}
        """;

    private static readonly string[] FarEnds = ["192.168.1.2", "192.168.2.2", "192.168.3.2", "192.168.4.2"];
    private readonly TwoHosts _hosts = new();
    private readonly string _file = Path.GetTempFileName();
    private readonly TestNamespace _a, _b;

    public ApplyBesideTests()
    {
        (_a, _b) = (_hosts.A, _hosts.B);
        Apply(_b, Host
            .Replace("10.10.50.71", "X").Replace("10.10.50.186", "10.10.50.71").Replace("X", "10.10.50.186").Replace(".1/24", ".2/24"));
        Apply(_a, Host);
    }

    public void Dispose()
    {
        _hosts.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public void A_file_is_all_that_two_hosts_need_and_what_is_exported_makes_the_same_again()
    {
        Reach(FarEnds);
        Assert.Equal("nothing to do\n", Apply(_a, Host, "--prune"));
        var exported = _a.Do("qanat export");
        Assert.Equal("nothing to do\n", Apply(_a, exported, "--prune"));
        Assert.Equal("nothing to do\n", Apply(_a, _a.Do("qanat export --json"), "--prune"));

        Apply(_a, "network: {tunnels: {}}", "--prune");
        Assert.Equal("", _a.Do("qanat tunnel show; qanat fou show; qanat l2tp show tunnel; qanat fdb"));
        Apply(_a, exported);
        Assert.Equal(exported, _a.Do("qanat export"));
        Reach(FarEnds);
    }

    [Fact]
    public void Only_what_differs_is_made_anew_and_a_dry_run_shows_it()
    {
        Reach(FarEnds);
        var session = Index("eth7");
        string[] others = [Index("fou1"), Index("gue1"), Index("vx1")];
        var edited = Host.Replace("protocol: 4}", "protocol: 4}\n    - {port: 7000, type: gue, local: 10.10.50.71}")
            .Replace("port: 1701}", "port: 1701, checksum: true}")
            + "\n        - {macaddress: \"02:00:00:00:00:07\", remote: 10.10.50.200}\n";
        const string shown = """
            + fou port 7000 type gue local 10.10.50.71
            ~ l2tp tunnel-id 1: checksum false -> true (made anew)
            ~ tunnel eth7 (made anew)
            + address 192.168.3.1/24 dev eth7
            + fdb 02:00:00:00:00:07 remote 10.10.50.200 dev vx1

            """;
        Assert.Equal(shown, Apply(_a, edited, "--dry-run"));
        Assert.Equal(shown, Apply(_a, edited));
        Assert.Equal("nothing to do\n", Apply(_a, edited));
        Assert.NotEqual(session, Index("eth7"));
        Assert.Equal(others, new[] { Index("fou1"), Index("gue1"), Index("vx1") });
        Assert.Contains("02:00:00:00:00:07 dst 10.10.50.200 self permanent", _a.Do("qanat fdb show dev vx1"), StringComparison.Ordinal);
        Reach(FarEnds);

        // To another far end, while what was learnt beside it stays.
        var learnt = _a.Do("qanat fdb show dev vx1 | grep -v permanent");
        Assert.NotEqual("", learnt);
        Assert.Equal(
            "- fdb 02:00:00:00:00:07 remote 10.10.50.200 dev vx1\n+ fdb 02:00:00:00:00:07 remote 10.10.50.201 dev vx1\n",
            Apply(_a, edited.Replace("10.10.50.200", "10.10.50.201")));
        Assert.Equal(learnt, _a.Do("qanat fdb show dev vx1 | grep -v permanent"));
    }

    [Fact]
    public void What_the_daemon_refuses_is_said_and_the_rest_is_done()
    {
        File.WriteAllText(_file, Host.Replace(
            "protocol: 4}", "protocol: 4}\n    - {port: 4789, type: gue}\n    - {port: 7001, type: gue}"));
        var result = _a.Run($"qanat apply {_file}");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("qanat: add fou port 4789: Address already in use", result.Error, StringComparison.Ordinal);
        Assert.Contains("port 7001 gue", _a.Do("qanat fou show"), StringComparison.Ordinal);
    }

    private void Reach(IEnumerable<string> ends)
    {
        foreach (var end in ends)
            Wait.Until(() => _a.Reaches(end), what: end);
    }

    private string Index(string device) => _a.Do($"cat /sys/class/net/{device}/ifindex").Trim();

    private string Apply(TestNamespace host, string text, string options = "")
    {
        File.WriteAllText(_file, text);
        return host.Run($"qanat apply {options} {_file}", TimeSpan.FromMinutes(1)).Required;
    }
}
