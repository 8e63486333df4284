using Qanat.Cli.Iproute2.Links;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.L2tp;

/// <summary>The words after <c>l2tp add</c>, <c>del</c> and <c>show</c>.</summary>
internal sealed class L2tpGrammar
{
    private string? _local, _remote, _cookie, _peerCookie;
    private string _name = "", _encap = "udp", _sequence = "none", _l2spec = "default";
    private uint _peerTunnelId, _peerSessionId;
    private ushort _sourcePort, _destinationPort;
    private bool _checksum, _checksumTx = true, _checksumRx = true;

    /// <summary>Reads the words, the first of which is <c>tunnel</c> or <c>session</c>.</summary>
    /// <exception cref="CommandFailure">They make no sense.</exception>
    public L2tpGrammar(Words words, TextWriter error)
    {
        if (!words.MoveNext())
            throw Usage();
        IsTunnel = words.Current == "tunnel";
        if (!IsTunnel && words.Current != "session")
            throw Unknown(words);
        while (words.MoveNext())
            Read(words, error);
    }

    /// <summary>Whether it is about tunnels; otherwise about sessions.</summary>
    public bool IsTunnel { get; }

    /// <summary>The tunnel's identifier; 0 when none was given.</summary>
    public uint TunnelId { get; private set; }

    /// <summary>The session's identifier; 0 when none was given.</summary>
    public uint SessionId { get; private set; }

    /// <summary>What <c>l2tp help</c> prints.</summary>
    public static CommandFailure Usage() => CommandFailure.Nonsense(UsageText);

    /// <summary>An identifier that must have been given.</summary>
    /// <exception cref="CommandFailure">It was not.</exception>
    public static uint Required(string keyword, uint id) => id != 0 ? id : throw Missing(keyword);

    /// <summary>The tunnel that is to be made.</summary>
    /// <exception cref="CommandFailure">Something is missing.</exception>
    public L2tpTunnel ToTunnel()
    {
        var (id, peer) = (Required("tunnel_id", TunnelId), Required("peer_tunnel_id", _peerTunnelId));
        var (local, remote) = (_local ?? throw Missing("local"), _remote ?? throw Missing("remote"));
        if (_encap == "udp" && _sourcePort == 0)
            throw Missing("udp_sport");
        if (_encap == "udp" && _destinationPort == 0)
            throw Missing("udp_dport");
        return new()
        {
            TunnelId = id,
            PeerTunnelId = peer,
            Encap = _encap,
            Local = local,
            Remote = remote,
            SourcePort = _sourcePort,
            DestinationPort = _destinationPort,
            UdpChecksum = _checksum,
            Udp6ChecksumTx = _checksumTx,
            Udp6ChecksumRx = _checksumRx,
        };
    }

    /// <summary>The session that is to be made.</summary>
    /// <exception cref="CommandFailure">Something is missing.</exception>
    public TunnelSpec ToSession()
    {
        var tunnel = Required("tunnel_id", TunnelId);
        var peer = Required("peer_session_id", _peerSessionId);
        return new()
        {
            Name = _name.Length > 0 ? _name : "l2tpeth%d",
            Mode = "l2tp",
            L2tp = new()
            {
                TunnelId = tunnel,
                SessionId = Required("session_id", SessionId),
                PeerSessionId = peer,
                Cookie = _cookie,
                PeerCookie = _peerCookie,
                L2SpecificType = _l2spec,
                Sequence = _sequence,
            },
        };
    }

    /// <summary>The tunnel and the session that are named.</summary>
    /// <exception cref="CommandFailure">One is missing.</exception>
    public (uint Tunnel, uint Session) ToSessionName()
    {
        var session = Required("session_id", SessionId);
        return (Required("tunnel_id", TunnelId), session);
    }

    private void Read(Words words, TextWriter error)
    {
        switch (words.Current)
        {
            case "encap":
                _encap = words.Value() is "ip" or "udp"
                    ? words.Current
                    : throw CommandFailure.Nonsense($"Unknown tunnel encapsulation \"{words.Current}\"");
                break;
            case "name":
                TunnelGrammar.CheckName("name", words.Value());
                _name = words.Current;
                break;
            case "remote":
                _remote = LinkValues.AddressOrNone(words, null)?.ToString();
                break;
            case "local":
                _local = LinkValues.AddressOrNone(words, null)?.ToString();
                break;
            case "tunnel_id" or "tid":
                TunnelId = LinkValues.Number(words, "invalid ID\n");
                break;
            case "peer_tunnel_id" or "ptid":
                _peerTunnelId = LinkValues.Number(words, "invalid ID\n");
                break;
            case "session_id" or "sid":
                SessionId = LinkValues.Number(words, "invalid ID\n");
                break;
            case "peer_session_id" or "psid":
                _peerSessionId = LinkValues.Number(words, "invalid ID\n");
                break;
            case "udp_sport":
                _sourcePort = LinkValues.Port(words, "invalid port\n");
                break;
            case "udp_dport":
                _destinationPort = LinkValues.Port(words, "invalid port\n");
                break;
            case "udp_csum":
                _checksum = OnOff(words);
                break;
            case "udp6_csum_rx":
                _checksumRx = OnOff(words);
                break;
            case "udp6_csum_tx":
                _checksumTx = OnOff(words);
                break;
            case "offset" or "peer_offset":
                error.Write($"Ignoring option \"{words.Current}\"\n");
                words.Value();
                break;
            case "cookie":
                _cookie = Cookie(words);
                break;
            case "peer_cookie":
                _peerCookie = Cookie(words);
                break;
            case "l2spec_type":
                _l2spec = words.Value() is "default" or "none"
                    ? words.Current
                    : throw CommandFailure.Nonsense($"Unknown layer2specific header type \"{words.Current}\"");
                break;
            case "seq":
                _sequence = words.Value() is "both" or "recv" or "send" or "none"
                    ? words.Current
                    : throw CommandFailure.Nonsense($"Unknown seq value \"{words.Current}\"");
                break;
            default:
                throw Unknown(words);
        }
    }

    private static bool OnOff(Words words)
    {
        var keyword = words.Current;
        return words.Value() switch
        {
            "on" => true,
            "off" => false,
            var other => throw CommandFailure.WrongArgument(other, $"invalid option for {keyword}\n"),
        };
    }

    private static string Cookie(Words words)
    {
        var text = words.Value();
        if (text.Length is not (8 or 16))
            throw CommandFailure.WrongArgument(text, "cookie must be either 8 or 16 hex digits\n");
        return text.All(char.IsAsciiHexDigit)
            ? text.ToLowerInvariant()
            : throw CommandFailure.WrongArgument(text, "cookie must be a hex string\n");
    }

    private static CommandFailure Missing(string keyword) => CommandFailure.Nonsense($"Error: argument \"{keyword}\" is required");

    private static CommandFailure Unknown(Words words) => CommandFailure.Nonsense($"Unknown command: {words.Current}\n{UsageText}");

    private const string UsageText = """
        Usage: qanat l2tp add tunnel
                  remote ADDR local ADDR
                  tunnel_id ID peer_tunnel_id ID
                  [ encap { ip | udp } ]
                  [ udp_sport PORT ] [ udp_dport PORT ]
                  [ udp_csum { on | off } ]
                  [ udp6_csum_tx { on | off } ]
                  [ udp6_csum_rx { on | off } ]
        Usage: qanat l2tp add session [ name NAME ]
                  tunnel_id ID
                  session_id ID peer_session_id ID
                  [ cookie HEXSTR ] [ peer_cookie HEXSTR ]
                  [ seq { none | send | recv | both } ]
                  [ l2spec_type L2SPEC ]
               qanat l2tp del tunnel tunnel_id ID
               qanat l2tp del session tunnel_id ID session_id ID
               qanat l2tp show tunnel [ tunnel_id ID ]
               qanat l2tp show session [ tunnel_id ID ] [ session_id ID ]

        Where: NAME   := STRING
               ADDR   := { IP_ADDRESS | any }
               PORT   := { 0..65535 }
               ID     := { 1..4294967295 }
               HEXSTR := { 8 or 16 hex digits (4 / 8 bytes) }
               L2SPEC := { none | default }
        """;
}
