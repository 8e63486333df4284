using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>The words that <c>ip6tnl</c>, <c>ip6gre</c> and <c>ip6gretap</c> have for their outer header.</summary>
/// <param name="before">What the tunnel has already; null for the defaults, an encapsulation limit of 4.</param>
internal sealed class IPv6Words(IPv6TunnelSpec? before)
{
    /// <summary>The limit of tunnels within tunnels when none is given (IPV6_DEFAULT_TNL_ENCAP_LIMIT).</summary>
    public const byte DefaultEncapLimit = 4;

    /// <summary>The hop limit when none is given.</summary>
    public const byte DefaultHopLimit = 64;

    /// <summary>What the words make of it.</summary>
    public IPv6TunnelSpec Spec { get; } = before is null ? new() { EncapLimit = DefaultEncapLimit } : before with { };

    /// <summary>Reads the current word, and its value, when it is one of these.</summary>
    /// <param name="words">The words.</param>
    /// <param name="spec">The tunnel, whose traffic class and mark are its own.</param>
    /// <exception cref="CommandFailure">The value is none.</exception>
    public bool TryRead(Words words, TunnelSpec spec)
    {
        switch (words.Current)
        {
            case "encaplimit":
                Spec.EncapLimit = words.Value() == "none" ? null
                    : Numbers.TryParseByte(words.Current, 0, out var limit) ? limit
                    : throw CommandFailure.WrongArgument(words.Current, "invalid ELIM");
                return true;
            case "flowlabel" or "fl":
                var label = LinkValues.FlowLabel(words);
                (Spec.InheritFlowLabel, Spec.FlowLabel) = (label is null, label ?? 0);
                return true;
            case "dscp":
                Spec.CopyDscp = words.Value() == "inherit" ? true : throw CommandFailure.WrongArgument(words.Current, "not inherit");
                return true;
            case "allow-localremote" or "noallow-localremote":
                Spec.AllowLocalRemote = words.Current == "allow-localremote";
                return true;
            case "fwmark":
                if (words.Value() == "inherit")
                    throw LinkValues.Unsupported("fwmark inherit");
                spec.Mark = Numbers.TryParseUInt(words.Current, 0, out var mark)
                    ? mark
                    : throw CommandFailure.WrongArgument(words.Current, "invalid fwmark\n");
                return true;
            case "external":
                throw LinkValues.Unsupported("external");
            default:
                return false;
        }
    }

    /// <summary>Reads the value of the keyword for the traffic class.</summary>
    public void ReadTrafficClass(Words words, TunnelSpec spec)
    {
        var value = LinkValues.TrafficClass(words);
        (Spec.InheritTrafficClass, spec.Tos) = (value is null, value ?? 0);
    }
}
