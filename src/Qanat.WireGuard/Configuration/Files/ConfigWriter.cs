using System.Buffers;

namespace Qanat.WireGuard.Configuration;

/// <summary>
/// Writes configuration files as <c>wg showconf</c> and <c>wg-quick save</c> do: like theirs, it keeps no comments. What is
/// written holds keys: write to a <see cref="SecretBuffer"/>.
/// </summary>
public static class ConfigWriter
{
    /// <summary>Writes the interface and its peers alone (<c>wg showconf</c>).</summary>
    public static void Write(IBufferWriter<byte> output, WireGuardConfig device)
    {
        ArgumentNullException.ThrowIfNull(device);
        var text = new TextOutput(output);
        text.Write("[Interface]\n"u8);
        WriteDevice(text, device);
    }

    /// <summary>Writes a whole file (<c>wg-quick save</c>; unlike that, it keeps the domains to search).</summary>
    /// <param name="output">Where to.</param>
    /// <param name="config">What surrounds the interface, as it is now.</param>
    /// <param name="device">The interface, as it is now.</param>
    public static void Write(IBufferWriter<byte> output, WgQuickConfig config, WireGuardConfig device)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(device);
        var text = new TextOutput(output);
        text.Write("[Interface]\n"u8);
        foreach (var address in config.Addresses)
            text.Line("Address = "u8, $"{address.Address}/{address.Length}");
        foreach (var server in config.DnsServers)
            text.Line("DNS = "u8, server.ToString());
        foreach (var domain in config.DnsSearch)
            text.Line("DNS = "u8, domain);
        if (config.Mtu is { } mtu)
            text.Line("MTU = "u8, (ulong)mtu);
        if (config.Table.Written is { } table)
            text.Line("Table = "u8, table);
        if (config.SaveConfig)
            text.Write("SaveConfig = true\n"u8);
        WriteHooks(text, "PreUp = "u8, config.PreUp);
        WriteHooks(text, "PostUp = "u8, config.PostUp);
        WriteHooks(text, "PreDown = "u8, config.PreDown);
        WriteHooks(text, "PostDown = "u8, config.PostDown);
        WriteDevice(text, device);
    }

    private static void WriteDevice(TextOutput text, WireGuardConfig device)
    {
        if (device.ListenPort != 0)
            text.Line("ListenPort = "u8, device.ListenPort);
        if (device.FirewallMark != 0)
            text.Line("FwMark = "u8, $"0x{device.FirewallMark:x}");
        if (device.PrivateKey is { } key)
            text.Base64Line("PrivateKey = "u8, key.Bytes);
        foreach (var peer in device.Peers)
            WritePeer(text, peer);
    }

    private static void WritePeer(TextOutput text, PeerConfig peer)
    {
        text.Write("\n[Peer]\n"u8);
        text.Line("PublicKey = "u8, peer.PublicKey.ToString());
        if (peer.PresharedKey is { } key)
            text.Base64Line("PresharedKey = "u8, key.Bytes);
        if (peer.AllowedIps.Count > 0)
            text.Line("AllowedIPs = "u8, string.Join(", ", peer.AllowedIps));
        if (peer.Endpoint is { } endpoint)
            text.Line("Endpoint = "u8, endpoint.ToString());
        if (peer.PersistentKeepalive != 0)
            text.Line("PersistentKeepalive = "u8, peer.PersistentKeepalive);
    }

    private static void WriteHooks(TextOutput text, ReadOnlySpan<byte> key, IReadOnlyList<string> hooks)
    {
        foreach (var hook in hooks)
            text.Line(key, hook);
    }
}
