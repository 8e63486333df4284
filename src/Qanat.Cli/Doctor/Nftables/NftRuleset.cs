using System.Text.Json;

namespace Qanat.Cli.Doctor.Nftables;

/// <summary>A chain of nftables.</summary>
/// <param name="Family">The table's family: <c>ip</c>, <c>ip6</c>, <c>inet</c> and others.</param>
/// <param name="Table">The table's name.</param>
/// <param name="Name">Its own.</param>
internal sealed record NftChain(string Family, string Table, string Name)
{
    /// <summary>Where the kernel calls it: <c>input</c>; null for a chain that others jump to.</summary>
    public string? Hook { get; init; }

    /// <summary>Whether packets that no rule decides about are dropped.</summary>
    public bool DropsByPolicy { get; init; }

    /// <summary>Its rules, in order.</summary>
    public List<NftRule> Rules { get; } = [];
}

/// <summary>A rule: conditions and what to do, as libnftables-json(5) has them.</summary>
/// <param name="Handle">The number that it is deleted by.</param>
/// <param name="Expressions">Its expressions, each an object with one member.</param>
internal sealed record NftRule(long Handle, IReadOnlyList<JsonProperty> Expressions);

/// <summary>What <c>nft -j -n list ruleset</c> prints.</summary>
internal sealed class NftRuleset
{
    private readonly Dictionary<(string Family, string Table, string Chain), NftChain> _chains = [];

    /// <summary>No rules at all.</summary>
    public static NftRuleset Empty { get; } = new();

    /// <summary>The chains that the kernel calls.</summary>
    public IEnumerable<NftChain> BaseChains => _chains.Values.Where(chain => chain.Hook is not null);

    /// <summary>The chain of a name in the same table; null when there is none.</summary>
    public NftChain? Find(NftChain from, string name) => _chains.GetValueOrDefault((from.Family, from.Table, name));

    /// <summary>Reads the output; null when it is not what nft prints. What is unknown in it is passed over.</summary>
    public static NftRuleset? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (!document.RootElement.TryGetProperty("nftables", out var items))
                return null;
            var ruleset = new NftRuleset();
            foreach (var item in items.EnumerateArray())
                ruleset.Add(item);
            return ruleset;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private void Add(JsonElement item)
    {
        if (item.TryGetProperty("chain", out var chain))
        {
            var made = new NftChain(Text(chain, "family"), Text(chain, "table"), Text(chain, "name"))
            {
                Hook = Text(chain, "hook") is { Length: > 0 } hook ? hook : null,
                DropsByPolicy = Text(chain, "policy") == "drop",
            };
            _chains[(made.Family, made.Table, made.Name)] = made;
        }
        else if (item.TryGetProperty("rule", out var rule) && rule.TryGetProperty("expr", out var expressions) &&
            _chains.TryGetValue((Text(rule, "family"), Text(rule, "table"), Text(rule, "chain")), out var owner))
        {
            var handle = rule.TryGetProperty("handle", out var number) ? number.GetInt64() : 0;
            owner.Rules.Add(new(handle, [.. expressions.EnumerateArray().SelectMany(e => e.Clone().EnumerateObject())]));
        }
    }

    private static string Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
