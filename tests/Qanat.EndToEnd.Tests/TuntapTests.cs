using System.Text.Json;
using System.Text.RegularExpressions;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>The machine's own <c>ip tuntap</c> and ours are given the same commands, and answer the same.</summary>
public sealed partial class TuntapTests : IDisposable
{
    // One story: what a line finds is what the lines before it left.
    private static readonly string[] Story =
    [
        "tuntap", "tuntap show", "tuntap list", "tuntap lst", "tuntap s", "tuntap l", "tap", "tunt", "-j tuntap", "-j -p tuntap",
        "tuntap add", "tuntap add dev t0", "tuntap add mode tun", "tuntap show", "tuntap add mode tap", "tuntap show",
        "tuntap add t1 mode tun", "tuntap add dev t1 mode tun", "tuntap add dev t1 mode tap", "tuntap add name t1b mode tun",
        "tuntap a dev t2 mode tap", "tuntap add dev t3 mode tun user 1000", "tuntap add dev t4 mode tun group 1001",
        "tuntap add dev t5 mode tun user root group root", "tuntap add dev t6 mode tun user nosuch",
        "tuntap add dev t6 mode tun group nosuch", "tuntap add dev t6 mode tun user -1", "tuntap add dev t6 mode tun pi",
        "tuntap add dev t7 mode tap one_queue", "tuntap add dev t8 mode tap vnet_hdr", "tuntap add dev t9 mode tap multi_queue",
        "tuntap add dev t10 mode tap pi one_queue vnet_hdr multi_queue user 1000 group 1000", "tuntap add dev t11 mode nosuch",
        "tuntap add dev t11 mode", "tuntap add dev t11 mode tun mode tap", "tuntap add dev t11 mode tun mode tun",
        "tuntap add dev t12 mode ipip", "tuntap add dev t12 mode tun nosuch", "tuntap add dev 0123456789abcdef mode tun",
        "tuntap add dev 0123456789abcde mode tun", "tuntap add dev a/b mode tun", "tuntap add a/b mode tun",
        "tuntap add name 'a b' mode tun", "tuntap add dev 'a b' mode tun", "tuntap add dev lo mode tun", "tuntap add dev x%d mode tun",
        "tuntap add dev x%d mode tun", "tuntap add dev '' mode tun", "tuntap add '' mode tun", "tuntap add dev é mode tun",
        "tuntap add dev m1 dev m2 mode t", "tuntap add m3 m4 mode tun", "tuntap add dev m3 m4 mode tun", "tuntap add mo ta d m5",
        "tuntap add dev u1 mode tun user ''", "tuntap add dev u1 mode tun user 5x", "tuntap add dev u1 mode tun u 4294967296",
        "tuntap add dev u2 mode tun user ' 7' g +8", "tuntap add dev u3 mode tun user", "tuntap add dev u4 mode tun group 010",
        "tuntap add help", "tuntap add dev", "tuntap add n", "tuntap help", "tuntap h", "tuntap nosuch", "tuntap change dev t6 mode tun",
        "tuntap ''", "tuntap -h", "-6 tuntap show", "-f inet6 tuntap", "-o tuntap", "-br tuntap", "-s tuntap", "-c tuntap", "-p tuntap",
        "-c=always tuntap", "tuntap list mode tap", "tuntap show dev t3", "tuntap show nosuch", "tuntap lst mode nosuch",
        "-j tuntap show", "-j -p tuntap show", "tuntap del", "tuntap del dev t1",
        "tuntap del dev t1 mode tap", "tuntap del dev t1 mode tun", "tuntap del dev t1 mode tun", "tuntap del dev nosuch mode tun",
        "tuntap del dev nosuch mode tun user 5", "tuntap del dev lo mode tun", "tuntap delete dev t2 mode tap",
        "tuntap del dev t9 mode tap", "tuntap del dev t9 mode tap multi_queue", "tuntap d dev t3 mode tun", "tuntap del t4 mode tun",
        "tuntap del mode tun", "tuntap del dev t10 mode tap", "tuntap del dev t10 mode tap pi vnet_hdr multi_queue", "tuntap show",
        "-n nosuch tuntap", "-x tuntap", "-batch /nosuch tuntap", "-V tuntap show nosuch",
    ];

    private readonly TestNamespace _ip = new("ip"), _qanat = new("qanat");

    public void Dispose()
    {
        _ip.Dispose();
        _qanat.Dispose();
    }

    [Fact]
    public void Every_command_is_answered_as_ip_answers_it()
    {
        var (theirs, ours) = (Tell(_ip, "ip", Story), Tell(_qanat, "qanat", Story));
        var differences = theirs.Zip(ours).Where(pair => pair.First != pair.Second);
        Assert.Equal(Story.Length, theirs.Count);
        Assert.Equal("", string.Join("\n", differences.Select(pair => $"{pair.First}but:\n{pair.Second}")));
        Assert.Equal(Devices(_ip), Devices(_qanat));
    }

    [Fact]
    public void Programs_that_hold_a_device_are_named()
    {
        // ip looks at names alone, whatever namespace a program is in: these are nobody else's.
        var (held, free) = ($"h{Environment.ProcessId}", $"f{Environment.ProcessId}");
        _ip.Do($"ip tuntap add {free} mode tap multi_queue user 1000");
        using var holder = _ip.Start($"socat TUN:10.7.9.1/24,tun-name={held},iff-up PIPE");
        Wait.Until(() => _ip.Do("ip link").Contains(held, StringComparison.Ordinal), what: "socat");
        var theirs = Tell(_ip, "ip", ["-d tuntap show", "-d -o tuntap", "-d -c tuntap", "-d -p tuntap"]);
        Assert.Equal(theirs, Tell(_ip, "qanat", ["-d tuntap show", "-d -o tuntap", "-d -c tuntap", "-d -p tuntap"]));
        Assert.Contains("socat(1)", theirs[0], StringComparison.Ordinal);
        using var json = JsonDocument.Parse(_ip.Do("qanat -d -j tuntap"));
        var process = json.RootElement.EnumerateArray().Single(device => device.GetProperty("ifname").GetString() == held)
            .GetProperty("processes")[0];
        Assert.Equal(("socat", JsonValueKind.Number), (process.GetProperty("name").GetString(), process.GetProperty("pid").ValueKind));
    }

    [Fact]
    public void A_batch_mixes_tuntap_and_tunnel_and_stops_at_the_line_that_fails()
    {
        var file = Path.Combine(_qanat.RunDirectory, "batch");
        File.WriteAllText(file, "tuntap add b0 mode tun\n# a remark\n\ntuntap add b0 mode tun\ntuntap add b1 mode tap\ntunnel show\n");
        var stopped = _qanat.Run($"qanat -b {file}");
        Assert.Equal((1, $"ioctl(TUNSETIFF): Device or resource busy\nCommand failed {file}:4\n"), (stopped.ExitCode, stopped.Error));
        Assert.Equal("b0: tun persist\n", _qanat.Do("qanat tuntap"));
        _qanat.Run($"qanat -force -b {file}");
        Assert.Equal("b0: tun persist\nb1: tap persist\n", _qanat.Do("qanat tuntap"));
    }

    [Fact]
    public void Without_the_right_ip_says_so_and_we_say_what_is_missing_too()
    {
        const string unprivileged = "setpriv --bounding-set -all --inh-caps -all";
        var theirs = _ip.Run($"{unprivileged} ip tuntap add q0 mode tun");
        var ours = _qanat.Run($"{unprivileged} qanat tuntap add q0 mode tun");
        Assert.Equal(theirs.ExitCode, ours.ExitCode);
        Assert.Equal(theirs.Error.TrimEnd(), ours.Error.Split('\n')[0]);
        Assert.Contains("CAP_NET_ADMIN is missing", ours.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_namespace_is_looked_at_by_name()
    {
        _ip.Do("ip tuntap add q0 mode tap user 7 multi_queue");
        Assert.Equal("q0: tap multi_queue persist user 7\n", _qanat.Do($"qanat -n {_ip.Name} tuntap show"));
        _qanat.Do($"qanat -n {_ip.Name} tuntap add q1 mode tun", $"qanat -n {_ip.Name} tuntap del q0 mode tap multi_queue");
        Assert.Equal("q1: tun persist\n", _ip.Do("ip tuntap show"));
        Assert.Equal("", _qanat.Do("qanat tuntap"));
    }

    // Each line's answer: what it printed, its errors (those about other users' processes aside), its exit code.
    private static List<string> Tell(TestNamespace host, string program, string[] lines)
    {
        var script = Path.Combine(host.RunDirectory, "story");
        const string answer = ">out 2>err; echo \"[$?]\" >code; cat out; grep -v readlink: err | sed 's/^/2> /'; cat code; echo '%%%'";
        File.WriteAllLines(script, lines.Select(line => $"{program} {line} {answer}"));
        var told = host.Run($"cd {host.RunDirectory} && sh story", TimeSpan.FromMinutes(2)).Required;
        told = ProgramsName().Replace(told, "qanat");
        told = VersionOfProgram().Replace(told, "version");
        told = ProcessNumber().Replace(told, "(1)");
        return [.. lines.Zip(told.Split("%%%\n"), (line, text) => $"$ {line}\n{text}")];
    }

    private static string Devices(TestNamespace host) => string.Join('\n',
        JsonDocument.Parse(host.Do("ip -j link")).RootElement.EnumerateArray().Select(link => link.GetProperty("ifname").GetString()));

    [GeneratedRegex(@"\bip(?= (tuntap|-))")]
    private static partial Regex ProgramsName();

    [GeneratedRegex(@"(ip|qanat) utility.*")]
    private static partial Regex VersionOfProgram();

    [GeneratedRegex(@"\(\d+\)")]
    private static partial Regex ProcessNumber();
}
