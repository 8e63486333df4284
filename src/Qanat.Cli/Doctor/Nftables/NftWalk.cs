using System.Text.Json;

namespace Qanat.Cli.Doctor.Nftables;

/// <summary>What drops a packet.</summary>
/// <param name="Chain">The chain that it is dropped in.</param>
/// <param name="Rule">The rule that drops it; null for the chain's policy.</param>
internal sealed record NftDrop(NftChain Chain, NftRule? Rule);

/// <summary>Follows a packet through the rules, to find out whether it is dropped for certain.</summary>
/// <param name="ruleset">The rules.</param>
/// <param name="packet">The packet.</param>
internal sealed class NftWalk(NftRuleset ruleset, OuterPacket packet)
{
    private const int MaxDepth = 16; // as many jumps as the kernel follows: NFT_JUMP_STACK_SIZE

    private enum Fate
    {
        /// <summary>No rule has decided yet.</summary>
        Open,

        /// <summary>It is let pass, or may be.</summary>
        MayPass,

        /// <summary>It is dropped for certain.</summary>
        Dropped,
    }

    private NftDrop? _drop;

    /// <summary>What drops the packet at one of the hooks; null when nothing does, or when that cannot be told.</summary>
    public NftDrop? FindDrop(params ReadOnlySpan<string> hooks)
    {
        var family = packet.IsIPv6 ? "ip6" : "ip";
        foreach (var chain in ruleset.BaseChains)
        {
            if (chain.Family != "inet" && chain.Family != family || !hooks.Contains(chain.Hook))
                continue;
            var fate = Walk(chain, 0);
            if (fate == Fate.Dropped)
                return _drop;
            if (fate == Fate.Open && chain.DropsByPolicy)
                return new(chain, null);
        }
        return null;
    }

    private Fate Walk(NftChain chain, int depth)
    {
        if (depth > MaxDepth)
            return Fate.MayPass;
        foreach (var rule in chain.Rules)
        {
            var (fate, returns) = Apply(chain, rule, depth);
            if (fate != Fate.Open || returns)
                return fate;
        }
        return Fate.Open;
    }

    private (Fate Fate, bool Returns) Apply(NftChain chain, NftRule rule, int depth)
    {
        var certain = true;
        foreach (var expression in rule.Expressions)
        {
            switch (expression.Name)
            {
                case "match":
                    var holds = NftMatch.Decide(expression.Value, packet);
                    if (holds is false)
                        return (Fate.Open, false);
                    certain &= holds is true;
                    break;
                case "counter" or "log" or "comment" or "mangle" or "notrack":
                    break;
                case "accept" or "queue" or "vmap" or "snat" or "dnat" or "masquerade" or "redirect" or "tproxy":
                    return (Fate.MayPass, false);
                case "drop" or "reject":
                    if (!certain)
                        return (Fate.Open, false);
                    _drop = new(chain, rule);
                    return (Fate.Dropped, false);
                case "return":
                    return certain ? (Fate.Open, true) : (Fate.MayPass, false);
                case "jump" or "goto":
                    var fate = Target(expression.Value) is { } name && ruleset.Find(chain, name) is { } target
                        ? Walk(target, depth + 1)
                        : Fate.MayPass;
                    if (fate == Fate.Dropped && !certain)
                        return (Fate.Open, false);
                    return (fate, fate == Fate.Open && certain && expression.Name == "goto");
                default:
                    certain = false; // limit, quota, xt and whatever is to come
                    break;
            }
        }
        return (Fate.Open, false);
    }

    private static string? Target(JsonElement jump) =>
        jump.ValueKind == JsonValueKind.Object && jump.TryGetProperty("target", out var target) && target.ValueKind == JsonValueKind.String
            ? target.GetString()
            : null;
}
