using Qanat.Daemon.WireGuard.Up;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Tests.WireGuard;

/// <summary>How one plan becomes another: the new first, and only what stands in its way goes before.</summary>
public sealed class PlanDifferenceTests
{
    private const string Key = "mBxn8Jd0dkVJ6bFPBQq2XPHCKJ7kZ0C1pWrqlYb9u3o=";

    [Fact]
    public void What_is_the_same_is_not_touched()
    {
        var plan = PlanOf("Address = 10.0.0.1/24", "0.0.0.0/0, 10.1.0.0/16");
        var (obstacles, added, over) = PlanDifference.Between(plan, plan);
        Assert.Empty(obstacles.Concat(added).Concat(over));
    }

    [Fact]
    public void Default_routes_come_before_narrow_ones_go_and_the_reverse()
    {
        var (narrow, wide) = (PlanOf("Address = 10.0.0.1/32", "10.1.0.0/16"), PlanOf("Address = 10.0.0.1/32", "0.0.0.0/0"));
        foreach (var (before, after) in ((IReadOnlyList<PlanStep>, IReadOnlyList<PlanStep>)[])[(narrow, wide), (wide, narrow)])
        {
            var (obstacles, added, over) = PlanDifference.Between(before, after);
            Assert.Empty(obstacles);
            Assert.Equal(Commands(after.Except(before)), Commands(added));
            Assert.Equal(Commands(before.Except(after)), Commands(over));
        }
    }

    [Fact]
    public void An_address_and_filters_of_the_same_table_make_room()
    {
        var (obstacles, added, over) = PlanDifference.Between(
            PlanOf("Address = 10.0.0.1/24", "0.0.0.0/0"), PlanOf("Address = 10.0.0.2/24", "0.0.0.0/0"));
        Assert.Equal(["ip -4 address add 10.0.0.1/24 dev wg0", "nft -f /dev/fd/63"], Commands(obstacles));
        Assert.Equal(["ip -4 address add 10.0.0.2/24 dev wg0", "nft -f /dev/fd/63"], Commands(added));
        Assert.Empty(over);
    }

    [Fact]
    public void The_rule_for_the_main_table_is_made_again_before_a_new_one()
    {
        var (obstacles, added, over) = PlanDifference.Between(
            PlanOf("FwMark = 7", "0.0.0.0/0"), PlanOf("FwMark = 8", "0.0.0.0/0"));
        Assert.Equal(["nft -f /dev/fd/63"], Commands(obstacles));
        Assert.Equal(
        [
            "ip -4 rule add not fwmark 8 table 8", "ip -4 rule add table main suppress_prefixlength 0",
            "ip -4 route add 0.0.0.0/0 dev wg0 table 8", "nft -f /dev/fd/63",
        ], Commands(added));
        Assert.Equal(
        [
            "ip -4 rule add not fwmark 7 table 7", "ip -4 rule add table main suppress_prefixlength 0",
            "ip -4 route add 0.0.0.0/0 dev wg0 table 7",
        ], Commands(over));
    }

    [Fact]
    public void Sizes_and_servers_are_replaced()
    {
        var (obstacles, added, over) = PlanDifference.Between(
            PlanOf("MTU = 1400\nDNS = 10.0.0.1", "10.1.0.0/16"), PlanOf("MTU = 1300\nDNS = 10.0.0.2", "10.1.0.0/16"));
        Assert.Equal(["ip link set mtu 1300 up dev wg0", "resolvconf -a wg0 -m 0 -x"], Commands(added));
        Assert.Empty(obstacles.Concat(over));
    }

    private static IEnumerable<string> Commands(IEnumerable<PlanStep> steps) => steps.Select(step => step.Command);

    private static IReadOnlyList<PlanStep> PlanOf(string lines, string allowedIps)
    {
        var text = $"[Interface]\n{lines}\n[Peer]\nPublicKey = {Key}\nAllowedIPs = {allowedIps}\n";
        var config = ConfigReader.Read(System.Text.Encoding.UTF8.GetBytes(text)).Config!;
        return [.. UpPlan.Of("wg0", config, new()).Where(step => step is not (PlanStep.AddLink or PlanStep.Configure))];
    }
}
