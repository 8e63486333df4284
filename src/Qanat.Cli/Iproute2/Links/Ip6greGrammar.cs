using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>Types <c>ip6gre</c> and <c>ip6gretap</c>.</summary>
internal sealed class Ip6greGrammar(string type, DsFields tos, Func<string, bool> deviceExists) : TypeGrammar(type, tos, deviceExists)
{
    private EncapWords _encap = new(null);
    private GreWords _gre = new(null);
    private IPv6Words _ipv6 = new(null);

    /// <inheritdoc/>
    public override TunnelSpec Default() => base.Default() with { Ttl = IPv6Words.DefaultHopLimit };

    /// <inheritdoc/>
    protected override void Begin(TunnelSpec spec, bool isNew) =>
        (_encap, _gre, _ipv6) = (new(spec.Encap, checksum6: true), new(spec.Gre), new(spec.IPv6));

    /// <inheritdoc/>
    protected override bool TryRead(Words words, TunnelSpec spec)
    {
        if (_ipv6.TryRead(words, spec) || _encap.TryRead(words) || _gre.TryRead(words))
            return true;
        if (words.Current.StartsWith("erspan", StringComparison.Ordinal))
            throw LinkValues.Unsupported(words.Current);
        if (words.Is("remote"))
            spec.Remote = LinkValues.IPv6(words);
        else if (words.Is("local"))
            spec.Local = LinkValues.IPv6(words);
        else if (words.Is("dev"))
            spec.Dev = Device(words);
        else if (words.Is("ttl") || words.Is("hoplimit") || words.Is("hlim"))
            spec.Ttl = LinkValues.Ttl(words, "invalid HLIM");
        else if (words.Is("tos") || words.Is("tclass") || words.Is("dsfield"))
            _ipv6.ReadTrafficClass(words, spec);
        else
            return false;
        return true;
    }

    /// <inheritdoc/>
    protected override void Complete(TunnelSpec spec) => (spec.Encap, spec.Gre, spec.IPv6) = (_encap.Spec, _gre.Spec, _ipv6.Spec);
}
