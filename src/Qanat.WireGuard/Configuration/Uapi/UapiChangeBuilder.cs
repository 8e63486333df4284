using System.Security.Cryptography;
using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>Makes a change of the lines of a <c>set</c>. Its keys are its own until <see cref="Build"/> hands them over.</summary>
internal sealed class UapiChangeBuilder : IDisposable
{
    // As many peers as wireguard-go has at most, and ten times the allowed IPs that a large hub has.
    private const int MostPeers = 1 << 16, MostAllowedIps = 1 << 20;

    private readonly List<SecretKey> _keys = [];
    private readonly List<PeerChange> _peers = [];
    private WireGuardChange _change = new();
    private PeerChange? _peer;
    private List<AllowedIpChange> _allowedIps = [];
    private int _allowedIpsLeft = MostAllowedIps;

    /// <summary>Takes a line.</summary>
    /// <param name="key">What is before the equals sign.</param>
    /// <param name="value">What is behind it.</param>
    /// <param name="reason">What is wrong with it: no value is in it, as some are keys.</param>
    /// <returns>False when it is wrong.</returns>
    public bool TryTake(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, out string reason)
    {
        reason = key.SequenceEqual("public_key"u8) ? TakePeer(value)
            : _peer is null ? TakeDeviceLine(key, value)
            : TakePeerLine(_peer, key, value);
        return reason.Length == 0;
    }

    /// <summary>The change of all lines so far.</summary>
    public WireGuardChange Build()
    {
        EndPeer();
        _keys.Clear();
        return _change with { Peers = [.. _peers] };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in _keys)
            key.Dispose();
        _keys.Clear();
    }

    private string TakePeer(ReadOnlySpan<byte> value)
    {
        EndPeer();
        Span<byte> bytes = stackalloc byte[PublicKey.Size];
        if (!KeyText.TryReadHex(value, bytes))
            return "public_key is no key of 64 hexadecimal digits";
        var key = new PublicKey(bytes);
        if (key.IsNone)
            return "public_key is all zeros";
        if (_peers.Count == MostPeers)
            return $"there are more than {MostPeers} peers";
        _peer = new(key);
        return "";
    }

    private void EndPeer()
    {
        if (_peer is null)
            return;
        _peers.Add(_peer with { AllowedIps = _allowedIps });
        (_peer, _allowedIps) = (null, []);
    }

    private string TakeDeviceLine(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        switch (key)
        {
            case var _ when key.SequenceEqual("private_key"u8):
                if (ReadKey(value, isPrivate: true) is not { } secret)
                    return "private_key is no key of 64 hexadecimal digits";
                _change.PrivateKey?.Dispose();
                _change = _change with { PrivateKey = secret };
                return "";
            case var _ when key.SequenceEqual("listen_port"u8):
                if (!AddressText.TryParseNumber(value, ushort.MaxValue, out var port))
                    return "listen_port is no number up to 65535";
                _change = _change with { ListenPort = (ushort)port };
                return "";
            case var _ when key.SequenceEqual("fwmark"u8):
                if (!AddressText.TryParseNumber(value, uint.MaxValue, out var mark))
                    return "fwmark is no number up to 4294967295";
                _change = _change with { FirewallMark = mark };
                return "";
            case var _ when key.SequenceEqual("replace_peers"u8):
                _change = _change with { ReplacePeers = true };
                return IsTrue(value, "replace_peers");
            default:
                return "there is no such key of an interface";
        }
    }

    private string TakePeerLine(PeerChange peer, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        switch (key)
        {
            case var _ when key.SequenceEqual("remove"u8):
                _peer = peer with { Remove = true };
                return IsTrue(value, "remove");
            case var _ when key.SequenceEqual("update_only"u8):
                _peer = peer with { UpdateOnly = true };
                return IsTrue(value, "update_only");
            case var _ when key.SequenceEqual("preshared_key"u8):
                if (ReadKey(value, isPrivate: false) is not { } secret)
                    return "preshared_key is no key of 64 hexadecimal digits";
                peer.PresharedKey?.Dispose();
                _peer = peer with { PresharedKey = secret };
                return "";
            case var _ when key.SequenceEqual("endpoint"u8):
                if (!PeerEndpoint.TryParseNumeric(value, out var endpoint))
                    return "endpoint is no address and port";
                _peer = peer with { Endpoint = endpoint };
                return "";
            case var _ when key.SequenceEqual("persistent_keepalive_interval"u8):
                if (!AddressText.TryParseNumber(value, ushort.MaxValue, out var seconds))
                    return "persistent_keepalive_interval is no number up to 65535";
                _peer = peer with { PersistentKeepalive = (ushort)seconds };
                return "";
            case var _ when key.SequenceEqual("replace_allowed_ips"u8):
                _peer = peer with { ReplaceAllowedIps = true };
                _allowedIps.Clear();
                return IsTrue(value, "replace_allowed_ips");
            case var _ when key.SequenceEqual("allowed_ip"u8):
                return TakeAllowedIp(value);
            case var _ when key.SequenceEqual("protocol_version"u8):
                return value.SequenceEqual("1"u8) ? "" : "protocol_version is not 1";
            default:
                return "there is no such key of a peer";
        }
    }

    private string TakeAllowedIp(ReadOnlySpan<byte> value)
    {
        var remove = value is [(byte)'-', ..];
        var text = remove ? value[1..] : value;
        // Unlike in files there is always a length, and it has one spelling (Go's netip.ParsePrefix).
        if (!AddressText.TryParsePrefix(text, out var address, out var length) || length < 0 ||
            text[(text.IndexOf((byte)'/') + 1)..] is [(byte)'0', _, ..])
            return "allowed_ip is no address and length";
        if (_allowedIpsLeft-- == 0)
            return $"there are more than {MostAllowedIps} allowed IPs";
        _allowedIps.Add(new(new(address, length), remove));
        return "";
    }

    private SecretKey? ReadKey(ReadOnlySpan<byte> value, bool isPrivate)
    {
        Span<byte> bytes = stackalloc byte[KeyText.KeySize];
        if (!KeyText.TryReadHex(value, bytes))
            return null;
        if (isPrivate && bytes.ContainsAnyExcept((byte)0))
            X25519.Clamp(bytes);
        var key = new SecretKey(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        _keys.Add(key);
        return key;
    }

    private static string IsTrue(ReadOnlySpan<byte> value, string key) =>
        value.SequenceEqual("true"u8) ? "" : $"{key} is not \"true\"";
}
