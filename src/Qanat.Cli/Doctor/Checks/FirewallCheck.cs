using System.Net.Sockets;
using Qanat.Cli.Doctor.Facts;
using Qanat.Cli.Doctor.Nftables;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Whether the packet filter drops a tunnel's outer packets. Nothing is said where that cannot be told for certain.</summary>
internal sealed class FirewallCheck : ICheck
{
    public string Name => "firewall";

    public string Healthy => "no rule is seen that drops outer packets";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        if (machine.Firewall.Rules is not { } rules)
            yield return Finding.Ok("firewall", "the rules of the packet filter cannot be seen: nft is not installed, or refuses");
        else
            foreach (var tunnel in machine.Tunnels)
                foreach (var finding in Examine(machine, rules, tunnel))
                    yield return finding.About(tunnel.Name);
        if (machine.Firewall.HasLegacyTables && machine.Tunnels.Any())
            yield return Finding.Note("firewall-legacy",
                    "there are tables of the older iptables here",
                    "nft does not show them, and their rules may drop outer packets")
                .ToDo("iptables-legacy-save; ip6tables-legacy-save");
    }

    private static IEnumerable<Finding> Examine(Machine machine, NftRuleset rules, Tunnel tunnel)
    {
        if (tunnel.Protocol is not { } protocol)
            yield break;
        var (wire, own) = (machine.UnderlayOf(tunnel)?.Name, tunnel.Local ?? machine.WayOf(tunnel).Route?.PreferredSource);
        var isIPv6 = (tunnel.Remote ?? tunnel.Local)?.AddressFamily == AddressFamily.InterNetworkV6;
        var packet = new OuterPacket(protocol, isIPv6);
        var leaving = packet with { InputDevice = "", OutputDevice = wire, Source = own, Destination = tunnel.Remote };
        var coming = packet with { InputDevice = wire, OutputDevice = "", Source = tunnel.Remote, Destination = own };
        if (new NftWalk(rules, leaving).FindDrop("output", "postrouting") is { } atOutput)
            yield return Describe(tunnel, protocol, atOutput, "firewall-output", "its outer packets do not leave");
        if (new NftWalk(rules, coming).FindDrop("prerouting", "input") is { } atInput)
            yield return Describe(tunnel, protocol, atInput, "firewall-input",
                "outer packets from the far end do not get in, unless ours have opened the way before");
    }

    private static Finding Describe(Tunnel tunnel, int protocol, NftDrop drop, string name, string why)
    {
        var chain = $"{drop.Chain.Family} {drop.Chain.Table} {drop.Chain.Name}";
        var packets = $"the outer packets of {tunnel.Name}, protocol {protocol}";
        return drop.Rule is { } rule
            ? Finding.Warning(name, $"a rule in the nftables chain {chain} drops {packets}", why)
                .ToDo($"nft delete rule {chain} handle {rule.Handle}", $"nft insert rule {chain} meta l4proto {protocol} accept")
            : Finding.Warning(name, $"the nftables chain {chain} drops by policy, and no rule of it accepts {packets}", why)
                .ToDo($"nft add rule {chain} meta l4proto {protocol} accept");
    }
}
