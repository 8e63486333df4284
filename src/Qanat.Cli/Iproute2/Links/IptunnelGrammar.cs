using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>Types <c>ipip</c> and <c>sit</c>. Unlike <c>ip tunnel</c>'s, these tunnels carry whatever the module can.</summary>
internal sealed class IptunnelGrammar(string type, DsFields tos, Func<string, bool> deviceExists) : TypeGrammar(type, tos, deviceExists)
{
    private readonly bool _sit = type == "sit";
    private EncapWords _encap = new(null);

    /// <inheritdoc/>
    public override TunnelSpec Default() => base.Default() with { Inner = "any" };

    /// <inheritdoc/>
    protected override void Begin(TunnelSpec spec, bool isNew) => _encap = new(spec.Encap);

    /// <inheritdoc/>
    protected override bool TryRead(Words words, TunnelSpec spec)
    {
        switch (words.Current)
        {
            case "mode":
                spec.Inner = ParseInner(words.Value());
                break;
            case "remote":
                spec.Remote = LinkValues.IPv4(words);
                break;
            case "local":
                spec.Local = LinkValues.IPv4(words);
                break;
            case "ttl" or "hoplimit" or "hlim":
                spec.Ttl = LinkValues.Ttl(words, "invalid TTL");
                break;
            case "pmtudisc" or "nopmtudisc":
                spec.Pmtudisc = words.Current == "pmtudisc";
                break;
            case "isatap" when _sit:
                spec.Mode = "isatap";
                break;
            case "external":
                throw LinkValues.Unsupported("external");
            case "6rd-prefix":
                SetPrefixes(spec, LinkValues.IPv6Prefix(words), null);
                break;
            case "6rd-relay_prefix":
                SetPrefixes(spec, null, LinkValues.IPv4Prefix(words));
                break;
            case "6rd-reset":
                SetPrefixes(spec, "2002::/16", "0.0.0.0/0");
                break;
            case "fwmark":
                spec.Mark = LinkValues.Mark(words);
                break;
            case var _ when _encap.TryRead(words):
                break;
            case var _ when words.Is("dev"):
                spec.Dev = Device(words);
                break;
            case "tos" or "tclass" or "tc":
                spec.Tos = LinkValues.Tos(words, Tos);
                break;
            case var _ when words.Is("dsfield"):
                spec.Tos = LinkValues.Tos(words, Tos);
                break;
            default:
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    protected override void Complete(TunnelSpec spec)
    {
        if (spec.Ttl != 0 && !spec.Pmtudisc)
            throw CommandFailure.Nonsense("ttl != 0 and nopmtudisc are incompatible");
        spec.Encap = _encap.Spec;
    }

    private string? ParseInner(string word) => word switch
    {
        "ipv6/ipv4" or "ip6ip" when _sit => null,
        "ipv4/ipv4" or "ipip" or "ip4ip4" => _sit ? "ipip" : null,
        "any/ipv4" or "any" => "any",
        "mpls/ipv4" or "mplsip" => throw LinkValues.Unsupported("mode mplsip"),
        _ => throw CommandFailure.WrongArgument(word, "Cannot guess tunnel mode."),
    };

    // With ipip, whose grammar is the same, they mean nothing.
    private void SetPrefixes(TunnelSpec spec, string? prefix, string? relay)
    {
        if (!_sit)
            return;
        var before = spec.Sit ?? new();
        spec.Sit = before with { Prefix = prefix ?? before.Prefix, RelayPrefix = relay ?? before.RelayPrefix };
    }
}
