using System.Buffers;
using System.Globalization;

namespace Qanat.WireGuard.Configuration;

/// <summary>
/// Writes the configuration protocol (wireguard.com/xplatform), each line where wireguard-go has it. What is written holds
/// keys: write to a <see cref="SecretBuffer"/>.
/// </summary>
public static class UapiWriter
{
    private const long NanosecondsPerTick = 100;

    /// <summary>Writes what <c>get=1</c> asks for, up to the result.</summary>
    public static void WriteStatus(IBufferWriter<byte> output, InterfaceStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        var text = new TextOutput(output);
        if (status.PrivateKey is { } key)
            text.HexLine("private_key="u8, key.Bytes);
        if (status.ListenPort != 0)
            text.Line("listen_port="u8, status.ListenPort);
        if (status.FirewallMark != 0)
            text.Line("fwmark="u8, status.FirewallMark);
        foreach (var peer in status.Peers)
            WritePeer(text, peer);
    }

    /// <summary>Writes how it went, and the blank line that ends an answer.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="error">One of <see cref="UapiErrors"/>, or another negative number of errno.</param>
    public static void WriteResult(IBufferWriter<byte> output, int error) =>
        new TextOutput(output).Write(string.Create(CultureInfo.InvariantCulture, $"errno={error}\n\n"));

    /// <summary>Writes a whole <c>set</c>.</summary>
    public static void WriteSet(IBufferWriter<byte> output, WireGuardChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var text = new TextOutput(output);
        text.Write("set=1\n"u8);
        if (change.PrivateKey is { } key)
            text.HexLine("private_key="u8, key.Bytes);
        if (change.ListenPort is { } port)
            text.Line("listen_port="u8, port);
        if (change.FirewallMark is { } mark)
            text.Line("fwmark="u8, mark);
        if (change.ReplacePeers)
            text.Write("replace_peers=true\n"u8);
        foreach (var peer in change.Peers)
            WritePeer(text, peer);
        text.Write("\n"u8);
    }

    private static void WritePeer(TextOutput text, PeerStatus peer)
    {
        var config = peer.Config;
        WriteName(text, config.PublicKey);
        text.HexLine("preshared_key="u8, config.PresharedKey is { } key ? key.Bytes : stackalloc byte[KeyText.KeySize]);
        text.Write("protocol_version=1\n"u8);
        if (config.Endpoint is { } endpoint)
            text.Line("endpoint="u8, endpoint.ToString());
        var since = (peer.LastHandshake ?? DateTimeOffset.UnixEpoch).UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var (seconds, ticks) = Math.DivRem(Math.Max(since, 0), TimeSpan.TicksPerSecond); // A clock may be set to before 1970.
        text.Line("last_handshake_time_sec="u8, (ulong)seconds);
        text.Line("last_handshake_time_nsec="u8, (ulong)(ticks * NanosecondsPerTick));
        text.Line("tx_bytes="u8, peer.TxBytes);
        text.Line("rx_bytes="u8, peer.RxBytes);
        text.Line("persistent_keepalive_interval="u8, config.PersistentKeepalive);
        foreach (var prefix in config.AllowedIps)
            text.Line("allowed_ip="u8, prefix.ToString());
    }

    private static void WritePeer(TextOutput text, PeerChange peer)
    {
        WriteName(text, peer.PublicKey);
        if (peer.UpdateOnly)
            text.Write("update_only=true\n"u8);
        if (peer.Remove)
        {
            text.Write("remove=true\n"u8);
            return;
        }
        if (peer.PresharedKey is { } key)
            text.HexLine("preshared_key="u8, key.Bytes);
        if (peer.Endpoint is { } endpoint)
            text.Line("endpoint="u8, endpoint.ToString());
        if (peer.PersistentKeepalive is { } seconds)
            text.Line("persistent_keepalive_interval="u8, seconds);
        if (peer.ReplaceAllowedIps)
            text.Write("replace_allowed_ips=true\n"u8);
        foreach (var change in peer.AllowedIps)
            text.Line("allowed_ip="u8, change.ToString());
    }

    private static void WriteName(TextOutput text, PublicKey key)
    {
        Span<byte> bytes = stackalloc byte[PublicKey.Size];
        key.CopyTo(bytes);
        text.HexLine("public_key="u8, bytes);
    }
}
