using Qanat.Daemon.Api;
using Qanat.Packets;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>Types <c>gre</c> and <c>gretap</c>.</summary>
internal sealed class GreGrammar(string type, DsFields tos, Func<string, bool> deviceExists) : TypeGrammar(type, tos, deviceExists)
{
    private EncapWords _encap = new(null);
    private GreWords _gre = new(null);

    /// <inheritdoc/>
    protected override void Begin(TunnelSpec spec, bool isNew) => (_encap, _gre) = (new(spec.Encap), new(spec.Gre));

    /// <inheritdoc/>
    protected override bool TryRead(Words words, TunnelSpec spec)
    {
        if (words.Current is "ignore-df" or "noignore-df")
            spec.IgnoreDf = words.Current == "ignore-df";
        else if (words.Current == "fwmark")
            spec.Mark = LinkValues.Mark(words);
        else if (words.Current == "external")
            throw LinkValues.Unsupported("external");
        else if (_encap.TryRead(words) || _gre.TryRead(words))
            return true;
        else if (words.Is("nopmtudisc"))
            spec.Pmtudisc = false;
        else if (words.Is("pmtudisc"))
            spec.Pmtudisc = true;
        else if (words.Is("remote"))
            spec.Remote = LinkValues.IPv4(words);
        else if (words.Is("local"))
            spec.Local = LinkValues.IPv4(words);
        else if (words.Is("dev"))
            spec.Dev = Device(words);
        else if (words.Is("ttl") || words.Is("hoplimit") || words.Is("hlim"))
            spec.Ttl = LinkValues.Ttl(words, "invalid TTL");
        else if (words.Is("tos") || words.Is("tclass") || words.Is("dsfield"))
            spec.Tos = LinkValues.Tos(words, Tos);
        else
            return false;
        return true;
    }

    /// <inheritdoc/>
    protected override void Complete(TunnelSpec spec)
    {
        if (IpAddress.TryParse(spec.Remote, out var remote) && remote.IsMulticast)
        {
            _gre.DefaultKey(remote.IPv4.Value);
            if (spec.Local == "any")
                throw CommandFailure.Refusal("A broadcast tunnel requires a source address.");
        }
        if (spec.IgnoreDf && spec.Pmtudisc) // ipgre_netlink_parms
            throw NetlinkAnswers.From(Linux.Errno.EINVAL);
        spec.Encap = _encap.Spec;
        spec.Gre = _gre.Spec;
    }
}
