using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>Type <c>ip6tnl</c>.</summary>
internal sealed class Ip6tnlGrammar(DsFields tos, Func<string, bool> deviceExists) : TypeGrammar("ip6tnl", tos, deviceExists)
{
    private EncapWords _encap = new(null);
    private IPv6Words _ipv6 = new(null);

    /// <inheritdoc/>
    public override TunnelSpec Default() => new() { Mode = "ip6any", Ttl = IPv6Words.DefaultHopLimit };

    /// <inheritdoc/>
    protected override void Begin(TunnelSpec spec, bool isNew) => (_encap, _ipv6) = (new(spec.Encap, checksum6: true), new(spec.IPv6));

    /// <inheritdoc/>
    protected override bool TryRead(Words words, TunnelSpec spec)
    {
        switch (words.Current)
        {
            case "mode":
                spec.Mode = words.Value() switch
                {
                    "ipv6/ipv6" or "ip6ip6" => "ip6ip6",
                    "ip/ipv6" or "ipv4/ipv6" or "ipip6" or "ip4ip6" => "ipip6",
                    "any/ipv6" or "any" => "ip6any",
                    _ => throw CommandFailure.WrongArgument(words.Current, "Cannot guess tunnel mode."),
                };
                break;
            case "remote":
                spec.Remote = LinkValues.IPv6(words);
                break;
            case "local":
                spec.Local = LinkValues.IPv6(words);
                break;
            case "ttl" or "hoplimit" or "hlim":
                spec.Ttl = LinkValues.Ttl(words, "invalid HLIM");
                break;
            case "tos" or "tclass" or "tc":
                _ipv6.ReadTrafficClass(words, spec);
                break;
            case var _ when _ipv6.TryRead(words, spec) || _encap.TryRead(words):
                break;
            case var _ when words.Is("dev"):
                spec.Dev = Device(words);
                break;
            case var _ when words.Is("dsfield"):
                _ipv6.ReadTrafficClass(words, spec);
                break;
            default:
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    protected override void Complete(TunnelSpec spec) => (spec.Encap, spec.IPv6) = (_encap.Spec, _ipv6.Spec);
}
