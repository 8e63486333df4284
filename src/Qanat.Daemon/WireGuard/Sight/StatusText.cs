using System.Globalization;
using System.Text;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>
/// Reads the answer to <c>get=1</c> (wireguard.com/xplatform), which every implementation gives, as a report. It looks at no key but
/// the peers' public ones.
/// </summary>
internal static class StatusText
{
    /// <summary>Reads it; null when it is no such answer, or a refusal.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="text">The lines, with the result at the end.</param>
    public static InterfaceReport? Read(string name, ReadOnlySpan<byte> text)
    {
        var report = new InterfaceReport { Interface = name };
        List<PeerReport> peers = [];
        List<string> addresses = [];
        PeerReport? peer = null;
        Span<byte> bytes = stackalloc byte[PublicKey.Size];
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            var equals = line.IndexOf((byte)'=');
            if (equals < 0)
                continue;
            var key = line[..equals];
            var value = line[(equals + 1)..];
            if (key.SequenceEqual("errno"u8))
            {
                EndPeer();
                return value.SequenceEqual("0"u8) ? report with { Peers = peers } : null;
            }
            if (key.SequenceEqual("public_key"u8))
            {
                EndPeer();
                if (!KeyText.TryReadHex(value, bytes))
                    return null;
                peer = new() { PublicKey = new PublicKey(bytes).ToString() };
            }
            else if (peer is null)
                report = TakeLine(report, key, value);
            else if (key.SequenceEqual("allowed_ip"u8))
                addresses.Add(Encoding.ASCII.GetString(value));
            else
                peer = TakeLine(peer, key, value);
        }
        return null;

        void EndPeer()
        {
            if (peer is not null)
                peers.Add(peer with { AllowedIps = addresses });
            (peer, addresses) = (null, []);
        }
    }

    private static InterfaceReport TakeLine(InterfaceReport report, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        key.SequenceEqual("listen_port"u8) ? report with { ListenPort = (ushort)Number(value, ushort.MaxValue) }
        : key.SequenceEqual("fwmark"u8) ? report with { FirewallMark = (uint)Number(value, uint.MaxValue) }
        : report;

    private static PeerReport TakeLine(PeerReport peer, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        key.SequenceEqual("endpoint"u8) ? peer with { Endpoint = Encoding.ASCII.GetString(value) }
        : key.SequenceEqual("rx_bytes"u8) ? peer with { RxBytes = Number(value, long.MaxValue) }
        : key.SequenceEqual("tx_bytes"u8) ? peer with { TxBytes = Number(value, long.MaxValue) }
        : key.SequenceEqual("last_handshake_time_sec"u8) &&
            Number(value, DateTimeOffset.MaxValue.ToUnixTimeSeconds()) is > 0 and var seconds
            ? peer with { LastHandshake = DateTimeOffset.FromUnixTimeSeconds(seconds) }
        : peer;

    // What is no number, or too large, counts for nothing.
    private static long Number(ReadOnlySpan<byte> text, long max) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max ? number : 0;
}
