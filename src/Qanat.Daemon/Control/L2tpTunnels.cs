using System.Globalization;
using Qanat.Daemon.Api;
using Qanat.Linux;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>L2TP's tunnels and sessions in users' words, to the engine's parameters and back.</summary>
internal static class L2tpTunnels
{
    /// <summary>Checks a tunnel, and writes it in the one way that it is kept in.</summary>
    /// <exception cref="LinuxException">EINVAL: it makes no sense.</exception>
    public static L2tpTunnel Normalize(string operation, L2tpTunnel tunnel)
    {
        if (tunnel.TunnelId == 0 || tunnel.PeerTunnelId == 0)
            throw Bad("tunnelId and peerTunnelId: a number above 0 is expected");
        if (tunnel.Encap is not ("udp" or "ip"))
            throw Bad($"encap: udp or ip is expected rather than \"{tunnel.Encap}\"");
        if (!IpAddress.TryParse(tunnel.Local, out var local) || !IpAddress.TryParse(tunnel.Remote, out var remote) ||
            local.IsIPv6 != remote.IsIPv6)
            throw Bad("local and remote: two addresses of one family are expected");
        var udp = tunnel.Encap == "udp";
        if (udp && (tunnel.SourcePort is < 1 or > ushort.MaxValue || tunnel.DestinationPort is < 1 or > ushort.MaxValue))
            throw Bad("sourcePort and destinationPort: 1 to 65535 are expected");
        return tunnel with
        {
            Local = local.ToString(),
            Remote = remote.ToString(),
            SourcePort = udp ? tunnel.SourcePort : 0,
            DestinationPort = udp ? tunnel.DestinationPort : 0,
        };

        LinuxException Bad(string why) => new(operation, Errno.EINVAL, why);
    }

    /// <summary>Our address of a tunnel that is kept.</summary>
    public static IpAddress Local(L2tpTunnel tunnel) => IpAddress.TryParse(tunnel.Local, out var local) ? local : default;

    /// <summary>The peer's.</summary>
    public static IpAddress Remote(L2tpTunnel tunnel) => IpAddress.TryParse(tunnel.Remote, out var remote) ? remote : default;

    /// <summary>Joins a session's description and its tunnel.</summary>
    /// <exception cref="LinuxException">EINVAL: the session makes no sense.</exception>
    public static L2tpParameters Session(string operation, L2tpSpec session, L2tpTunnel tunnel)
    {
        if (session.SessionId == 0 || session.PeerSessionId == 0)
            throw Bad("sessionId and peerSessionId: a number above 0 is expected");
        if (session.L2SpecificType is not ("default" or "none"))
            throw Bad($"l2SpecificType: default or none is expected rather than \"{session.L2SpecificType}\"");
        if (session.Sequence is not ("none" or "send" or "recv" or "both"))
            throw Bad($"sequence: none, send, recv or both is expected rather than \"{session.Sequence}\"");
        return new()
        {
            TunnelId = tunnel.TunnelId,
            SessionId = session.SessionId,
            PeerSessionId = session.PeerSessionId,
            OverUdp = tunnel.Encap == "udp",
            SourcePort = (ushort)tunnel.SourcePort,
            DestinationPort = (ushort)tunnel.DestinationPort,
            UdpChecksum = Local(tunnel).IsIPv6 ? tunnel.Udp6ChecksumTx : tunnel.UdpChecksum,
            Cookie = Cookie("cookie", session.Cookie),
            PeerCookie = Cookie("peerCookie", session.PeerCookie),
            L2SpecificSublayer = session.L2SpecificType == "default",
            SendSequence = session.Sequence is "send" or "both",
            ReceiveSequence = session.Sequence is "recv" or "both",
        };

        byte[] Cookie(string field, string? text)
        {
            if (string.IsNullOrEmpty(text))
                return [];
            var valid = text.Length is 8 or 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
            return valid ? Convert.FromHexString(text) : throw Bad($"{field}: 8 or 16 hexadecimal digits are expected");
        }

        LinuxException Bad(string why) => new(operation, Errno.EINVAL, why);
    }

    /// <summary>Describes a session.</summary>
    public static L2tpSpec Describe(L2tpParameters parameters) => new()
    {
        TunnelId = parameters.TunnelId,
        SessionId = parameters.SessionId,
        PeerSessionId = parameters.PeerSessionId,
        Cookie = Text(parameters.Cookie),
        PeerCookie = Text(parameters.PeerCookie),
        L2SpecificType = parameters.L2SpecificSublayer ? "default" : "none",
        Sequence = (parameters.SendSequence, parameters.ReceiveSequence) switch
        {
            (true, true) => "both",
            (true, false) => "send",
            (false, true) => "recv",
            _ => "none",
        },
    };

    private static string? Text(ReadOnlyMemory<byte> cookie) => cookie.IsEmpty ? null : Convert.ToHexStringLower(cookie.Span);
}
