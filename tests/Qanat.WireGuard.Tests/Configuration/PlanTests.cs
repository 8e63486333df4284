using Qanat.Testing;
using Qanat.WireGuard.Configuration;
using Xunit;

namespace Qanat.WireGuard.Tests.Configuration;

/// <summary>
/// Beside what wg-quick of wireguard-tools 1.0.20260223 said (<c>WgQuick/record</c>) on a host whose uplink has an MTU of 1400.
/// </summary>
public class PlanTests
{
    private static readonly HostFacts Host = new() { DefaultMtu = 1400 };

    public static TheoryData<string> Names =>
        [.. Directory.EnumerateFiles(Folder, "*.conf").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Up_does_what_wg_quick_does(string name) =>
        Assert.Equal(File.ReadAllText(Path.Combine(Folder, $"{name}.up")), Said(UpPlan.Of(name, Read(name), Host)));

    [Theory]
    [MemberData(nameof(Names))]
    public void Down_does_what_wg_quick_does(string name)
    {
        var config = Read(name);
        var marks = UpPlan.Of(name, config, Host).OfType<PlanStep.SetMark>().Select(step => step.Mark);
        var device = config.Device with { FirewallMark = marks.SingleOrDefault(config.Device.FirewallMark) };
        var plan = DownPlan.Of(name, config, device, Host);
        Assert.Equal(File.ReadAllText(Path.Combine(Folder, $"{name}.down")), Said(plan));
    }

    [Theory]
    [InlineData(new int[0], null, 1420)]
    [InlineData(new int[0], 9000, 8920)]
    [InlineData(new[] { 1500 }, 9000, 1420)]
    [InlineData(new[] { 1500, 1280, 9000 }, null, 1200)]
    public void The_narrowest_way_to_a_peer_says_the_MTU(int[] endpoints, int? uplink, int mtu)
    {
        var host = new HostFacts { EndpointMtus = endpoints, DefaultMtu = uplink };
        Assert.Contains(new PlanStep.BringUp("wg0", mtu), UpPlan.Of("wg0", new(), host));
        Assert.Contains(new PlanStep.BringUp("wg0", 1300), UpPlan.Of("wg0", new() { Mtu = 1300 }, host));
    }

    [Fact]
    public void Default_routes_take_a_table_that_is_free()
    {
        var plan = UpPlan.Of("wg0", Read("default4"), Host with { FreeTable = 51823, SourceValidMark = true });
        Assert.Contains(new PlanStep.SetMark("wg0", 51823), plan);
        Assert.Contains(new PlanStep.AddMarkRule(false, 51823), plan);
        Assert.Contains("mark 51823 ct mark", plan.OfType<PlanStep.AddFilter>().Single().Input);
        Assert.DoesNotContain(new PlanStep.SetSourceValidMark(), plan); // It is so already.
    }

    [Fact]
    public void Resolvers_may_want_a_prefix()
    {
        var host = Host with { ResolverPrefix = "tun." };
        var config = Read("tableless");
        Assert.Contains("resolvconf -a tun.wg0 -m 0 -x", UpPlan.Of("wg0", config, host).Select(step => step.ToString()));
        Assert.Contains("resolvconf -d tun.wg0 -f", DownPlan.Of("wg0", config, config.Device, host).Select(step => step.ToString()));
    }

    [Fact]
    public void What_is_saved_is_saved_before_the_interface_goes()
    {
        var config = Read("hooks") with { SaveConfig = true };
        Assert.Equal(["true four", "wg showconf wg0", "ip link delete dev wg0", "true five wg0", "true six"],
            DownPlan.Of("wg0", config, config.Device, Host).Select(step => step.ToString()));
    }

    private static string Folder => Repository.PathOf("tests/Qanat.WireGuard.Tests/Configuration/WgQuick");

    private static WgQuickConfig Read(string name)
    {
        var reading = ConfigReader.Read(File.ReadAllBytes(Path.Combine(Folder, $"{name}.conf")));
        Assert.Empty(reading.Mistakes);
        return reading.Config!;
    }

    // As record writes it: the command, then what it reads.
    private static string Said(IReadOnlyList<PlanStep> plan) =>
        string.Concat(plan.Select(step => $"[#] {step}\n{string.Concat(step.Input.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => $"[{step.Command.Split(' ')[0]}] {line}\n"))}"));
}
