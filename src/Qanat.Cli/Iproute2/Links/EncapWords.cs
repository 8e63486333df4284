using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>The words about foo over UDP, which most types have.</summary>
/// <param name="before">What the tunnel has already.</param>
/// <param name="checksum6">Whether a tunnel that has none begins with UDP checksums over IPv6, as those over IPv6 do.</param>
internal sealed class EncapWords(EncapSpec? before, bool checksum6 = false)
{
    private readonly EncapSpec _spec = before is null ? new() { Type = "none", Checksum6 = checksum6 } : before with { };

    /// <summary>What the words make of it; null for none.</summary>
    public EncapSpec? Spec => _spec.Type == "none" ? null : _spec;

    /// <summary>Reads the current word, and its value, when it is one of these.</summary>
    /// <exception cref="CommandFailure">The value is none.</exception>
    public bool TryRead(Words words)
    {
        switch (words.Current)
        {
            case "noencap":
                _spec.Type = "none";
                return true;
            case "encap":
                _spec.Type = words.Value() is "fou" or "gue" or "none"
                    ? words.Current
                    : throw CommandFailure.WrongArgument(words.Current, "Invalid encap type.");
                return true;
            case "encap-sport":
                _spec.SourcePort = words.Value() == "auto" ? (ushort)0
                    : Numbers.TryParse(words.Current, 0, ushort.MaxValue, out var port) ? (ushort)port
                    : throw CommandFailure.WrongArgument(words.Current, "Invalid source port.");
                return true;
            case "encap-dport":
                _spec.DestinationPort = LinkValues.Port(words, "Invalid destination port.");
                return true;
            case "encap-csum" or "noencap-csum":
                _spec.Checksum = words.Current == "encap-csum";
                return true;
            // ip's help has the one word, its grammar the other.
            case "encap-csum6" or "encap-udp6-csum":
                _spec.Checksum6 = true;
                return true;
            case "noencap-csum6" or "noencap-udp6-csum":
                _spec.Checksum6 = false;
                return true;
            case "encap-remcsum" or "noencap-remcsum":
                _spec.RemoteChecksum = words.Current == "encap-remcsum";
                return true;
            default:
                return false;
        }
    }
}
