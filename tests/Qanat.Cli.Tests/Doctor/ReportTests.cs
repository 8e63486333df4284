using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Qanat.Cli.Doctor;
using Qanat.Cli.Doctor.Facts;
using Qanat.Cli.Iproute2;
using Qanat.Cli.Tests.Doctor.Support;
using Qanat.Testing;

namespace Qanat.Cli.Tests.Doctor;

/// <summary>What is reported, and how.</summary>
public partial class ReportTests
{
    private static readonly Device s_wire = Bench.Wire(2, "eth0", "192.0.2.1/24");
    private static readonly Device s_tun1 = Bench.Tun(3, "tun1", "10.0.0.1/24").Mtu(1500);
    private static readonly Device s_tap0 = Bench.Tap(4, "tap0", "10.1.0.1/24").Abandoned();
    private static readonly Machine s_broken = Bench.Machine(s_wire, s_tun1, s_tap0).With(Bench.Ipip(s_tun1, "192.0.2.1", "192.0.2.2"));

    [Fact]
    public void The_worst_comes_first_and_what_is_well_in_one_line()
    {
        Assert.Equal("""
            blocks   no program holds tap0
                     with no carrier the kernel drops what is sent into it, and tcpdump shows nothing
                     -> qanat echo dev tap0 address 10.1.0.2/24, to have something answer there
                     -> start the program whose device it is (a VPN, a virtual machine), in this network namespace
            warning  tun1 takes 1500 bytes, and the path to 192.0.2.2 carries 1480: 1500 less 20 for outer headers
                     small packets pass, and large ones vanish or are fragmented
                     -> ip link set tun1 mtu 1480
            1 blocking, 1 warning, 13 ok (--verbose lists them)

            """, Text(Report.Of(s_broken)));
        Assert.Equal(1, Report.Of(s_broken).ExitCode);
    }

    [Fact]
    public void A_healthy_machine_takes_one_line_and_ends_with_0()
    {
        var report = Report.Of(Bench.Machine(s_wire));
        Assert.Equal("nothing is wrong, 15 ok (--verbose lists them)\n", Text(report));
        Assert.Equal(0, report.ExitCode);
        Assert.Contains("ok       /dev/net/tun opens, and the kernel has", Text(report, verbose: true), StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_alone_does_not_fail()
    {
        var report = Report.Of(s_broken with { Asked = new() { Devices = ["tun1"] } });
        Assert.Equal((0, 0, 1), (report.ExitCode, report.Count(Severity.Blocks), report.Count(Severity.Warning)));
    }

    [Fact]
    public void What_was_asked_about_is_shown_and_alone_is_judged()
    {
        var text = Text(Report.Of(s_broken with { Asked = new() { Devices = ["tun1"], Destinations = [IPAddress.Parse("10.0.0.9")] } }));
        Assert.StartsWith("tun1\n  kind        ipip tunnel, local 192.0.2.1, remote 192.0.2.2\n", text, StringComparison.Ordinal);
        Assert.Contains("  far end     192.0.2.2, by eth0 from 192.0.2.1, mtu 1500\n", text, StringComparison.Ordinal);
        const string way = "10.0.0.9\n  way    by tun1 from 10.0.0.1, mtu 1500\n  below  tun1 to 192.0.2.2, by eth0";
        Assert.Contains(way, text, StringComparison.Ordinal);
        Assert.DoesNotContain("tap0", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_question_stands_on_is_judged_too()
    {
        var down = Bench.Machine(s_wire, s_tun1.Mtu(1480), Bench.Tap(7, "tap7").On(s_wire with { Link = s_wire.Link with { Index = 9 } }))
            .With(Bench.Ipip(s_tun1, "192.0.2.1", "192.0.2.2")).Set(("ipv4/conf/eth0/rp_filter", 1))
            .Routed(Bench.Route("10.9.0.0/16", s_wire) with { Metric = 9 }, Bench.Route("10.9.0.0/16", s_tun1));
        var report = Report.Of(down with { Asked = new() { Destinations = [IPAddress.Parse("10.0.0.9")] } });
        Assert.Contains(report.Findings, finding => finding is { Name: "reverse-path", Device: "eth0" });
    }

    [Fact]
    public void One_thing_about_the_machine_is_said_once()
    {
        var second = Bench.Tun(8, "tun2", "10.8.0.1/24").Mtu(1480);
        var machine = Bench.Machine(s_wire, s_tun1, second)
            .With(Bench.Ipip(s_tun1, "192.0.2.1", "192.0.2.2"), Bench.Ipip(second, "192.0.2.1", "192.0.2.3"));
        Assert.Single(Report.Of(machine.Set(("ipv4/ip_no_pmtu_disc", 1))).Findings, finding => finding.Name == "mtu-discovery-off");
    }

    [Fact]
    public void The_report_for_programs_has_the_same_findings()
    {
        using var json = JsonDocument.Parse(JsonReport.Of(Report.Of(s_broken with { Namespace = "net:[1]" })));
        Assert.Equal("net:[1]", json.RootElement.GetProperty("namespace").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("blocks").GetInt32());
        var first = json.RootElement.GetProperty("findings")[0];
        Assert.Equal(["blocks", "no-program", "tap0"],
            ((string[])["severity", "name", "device"]).Select(name => first.GetProperty(name).GetString()));
        Assert.Equal(2, first.GetProperty("do").GetArrayLength());
        Assert.Equal(JsonValueKind.Array, json.RootElement.GetProperty("asked").ValueKind);
    }

    [Fact]
    public void Severities_have_colours_where_colours_are_asked_for()
    {
        var output = new StringWriter();
        new TextReport(output, new Palette(enabled: true, dark: false), verbose: true).Print(Report.Of(s_broken));
        Assert.Contains("\e[31mblocks\e[0m   no program", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("\e[33mwarning\e[0m  tun1", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("\e[32mok\e[0m       ", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_finding_is_explained_in_the_documentation()
    {
        var page = File.ReadAllText(Repository.PathOf("docs/doctor.md"));
        var names = Directory.GetFiles(Repository.PathOf("src/Qanat.Cli/Doctor/Checks"))
            .SelectMany(file => KebabCase().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct().ToArray();
        Assert.True(names.Length > 40, $"{names.Length} names were found.");
        Assert.All(names, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    private static string Text(Report report, bool verbose = false)
    {
        var output = new StringWriter();
        new TextReport(output, Palette.None, verbose).Print(report);
        return output.ToString();
    }

    // Whatever is written in kebab-case there is the name of a check or a finding.
    [GeneratedRegex("""\$?"([a-z0-9]+(?:-[a-z0-9]+)+)"[,;)]""")]
    private static partial Regex KebabCase();
}
