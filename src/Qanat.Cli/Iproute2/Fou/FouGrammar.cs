using Qanat.Cli.Iproute2.Links;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2.Fou;

/// <summary>The words after <c>fou add</c> and <c>fou del</c>.</summary>
/// <param name="options">The options before <c>fou</c>, of which the family counts.</param>
/// <param name="deviceExists">Whether there is a network device of that name.</param>
internal sealed class FouGrammar(GlobalOptions options, Func<string, bool> deviceExists)
{
    /// <summary>What <c>fou help</c> prints.</summary>
    public static CommandFailure Usage() => CommandFailure.Nonsense(UsageText);

    /// <summary>Reads the words.</summary>
    /// <param name="words">Those behind the verb.</param>
    /// <param name="adding">Whether what follows the UDP header must be said.</param>
    /// <exception cref="CommandFailure">They make no sense.</exception>
    public FouPort Parse(Words words, bool adding)
    {
        var port = new FouPort { Port = 0, Family = options.Family == AddressFamilyOption.Inet6 ? "inet6" : "inet" };
        string? local = null, peer = null;
        while (words.MoveNext())
        {
            if (words.Is("port"))
                port.Port = ParsePort(words, "invalid port");
            else if (words.Is("ipproto"))
                port.Protocol = ParseProtocol(words);
            else if (words.Is("gue"))
                port.Gue = true;
            else if (words.Is("-6"))
                port.Family = "inet6";
            else if (words.Is("local"))
                local = words.Value();
            else if (words.Is("peer"))
                peer = words.Value();
            else if (words.Is("peer_port"))
                port.PeerPort = ParsePort(words, "invalid peer port");
            else if (words.Is("dev"))
                port.Dev = deviceExists(words.Value()) ? words.Current : throw CommandFailure.Refusal("fou: unknown device name");
            else
                throw CommandFailure.Nonsense($"fou: unknown command \"{words.Current}\"?\n{UsageText}");
        }
        Check(port, peer, adding);
        port.Local = Address(local, port.Family);
        port.Peer = Address(peer, port.Family);
        return port;
    }

    // ip goes on, and has the kernel say the rest.
    private static void Check(FouPort port, string? peer, bool adding)
    {
        var what = port.Port == 0 ? "missing port"
            : adding && !port.Gue && port.Protocol is null ? "must set ipproto or gue"
            : port.Gue && port.Protocol is not null ? "cannot set ipproto and gue"
            : peer is null != (port.PeerPort == 0) ? "both peer and peer port must be set"
            : null;
        if (what is not null)
            throw new CommandFailure($"fou: {what}\n{NetlinkAnswers.From(Errno.EINVAL).Message}", NetlinkAnswers.ExitCode);
    }

    private static string Address(string? text, string family)
    {
        if (text is null)
            return "any";
        var words = new Words([text]);
        return LinkValues.Text(LinkValues.Address(words, family == "inet6"));
    }

    private static ushort ParsePort(Words words, string why) => LinkValues.Port(words, why) is > 0 and var port
        ? port
        : throw CommandFailure.WrongArgument(words.Current, why);

    private static byte ParseProtocol(Words words)
    {
        if (Protocols.Find(words.Value()) is { } named)
            return named;
        return Numbers.TryParseByte(words.Current, 0, out var number) && number != 0
            ? number
            : throw CommandFailure.WrongArgument(words.Current, "invalid ipproto");
    }

    private const string UsageText = """
        Usage: qanat fou add port PORT { ipproto PROTO  | gue }
        		   [ local IFADDR ] [ peer IFADDR ]
        		   [ peer_port PORT ] [ dev IFNAME ]
               qanat fou del port PORT [ local IFADDR ]
        		   [ peer IFADDR ] [ peer_port PORT ]
        		   [ dev IFNAME ]
               qanat fou show

        Where: PROTO { ipproto-name | 1..255 }
               PORT { 1..65535 }
               IFADDR { addr }
        """;
}
