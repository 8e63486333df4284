using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>How a peer fares, as the hub's interface has it.</summary>
/// <param name="Endpoint">Where it was last heard of; null when it never was.</param>
/// <param name="LastHandshake">When; null when there was none.</param>
/// <param name="RxBytes">Bytes received from it.</param>
/// <param name="TxBytes">Bytes sent to it.</param>
internal sealed record HubPeer(string? Endpoint, DateTimeOffset? LastHandshake, ulong RxBytes, ulong TxBytes);

/// <summary>How a hub's interface is: the answer to <c>get=1</c> (wireguard.com/xplatform), without the keys.</summary>
/// <param name="Peers">Its peers, by their public keys.</param>
internal sealed record HubStatus(IReadOnlyDictionary<PublicKey, HubPeer> Peers)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Asks an interface; null when there is none of that name that answers, in time and with sense.</summary>
    public static HubStatus? Of(string name)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            SendTimeout = (int)s_patience.TotalMilliseconds,
            ReceiveTimeout = (int)s_patience.TotalMilliseconds,
        };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint($"/var/run/wireguard/{name}.sock"));
            socket.Send("get=1\n\n"u8);
            using var answer = new SecretBuffer();
            while (!answer.Written.EndsWith("\n\n"u8))
            {
                var length = socket.Receive(answer.GetSpan(4096));
                if (length == 0)
                    return null;
                answer.Advance(length);
            }
            return Read(answer.Written);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Reads an answer; null when it is none, or a refusal.</summary>
    public static HubStatus? Read(ReadOnlySpan<byte> answer)
    {
        Dictionary<PublicKey, HubPeer> peers = [];
        PublicKey key = default;
        Span<byte> bytes = stackalloc byte[PublicKey.Size];
        foreach (var range in answer.Split((byte)'\n'))
        {
            var line = answer[range];
            var equals = line.IndexOf((byte)'=');
            if (equals < 0)
                continue;
            var value = line[(equals + 1)..];
            switch (Encoding.ASCII.GetString(line[..equals]))
            {
                case "errno":
                    return Number(value) == 0 ? new(peers) : null;
                case "public_key":
                    if (!KeyText.TryReadHex(value, bytes))
                        return null;
                    key = new(bytes);
                    peers[key] = new(null, null, 0, 0);
                    break;
                case var name when !key.IsNone:
                    peers[key] = With(peers[key], name, value);
                    break;
            }
        }
        return null;
    }

    private static HubPeer With(HubPeer peer, string name, ReadOnlySpan<byte> value) => name switch
    {
        "endpoint" => peer with { Endpoint = Encoding.ASCII.GetString(value) },
        "rx_bytes" => peer with { RxBytes = Number(value) },
        "tx_bytes" => peer with { TxBytes = Number(value) },
        "last_handshake_time_sec" when Number(value) is > 0 and <= int.MaxValue and var seconds =>
            peer with { LastHandshake = DateTimeOffset.FromUnixTimeSeconds((long)seconds) },
        _ => peer,
    };

    private static ulong Number(ReadOnlySpan<byte> text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
