using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>What a <c>[Peer]</c> says.</summary>
/// <param name="line">The line of its header.</param>
/// <param name="column">The column of its header.</param>
/// <param name="remarks">What there is to say.</param>
/// <param name="keys">Every key that is read, so that it can be wiped.</param>
internal sealed class PeerSection(int line, int column, ConfigRemarks remarks, List<SecretKey> keys)
{
    /// <summary>The keys that there are.</summary>
    public static readonly string[] Keys = ["PublicKey", "PresharedKey", "AllowedIPs", "Endpoint", "PersistentKeepalive"];

    private readonly List<(AllowedIpChange Change, int Line, int Column)> _allowedIps = [];
    private PeerChange _change = new(default(PublicKey)) { ReplaceAllowedIps = true };
    private bool _hasKey;

    /// <summary>The line of its header.</summary>
    public int Line => line;

    /// <summary>The addresses that it asks for, and where.</summary>
    public IEnumerable<(AllowedIp AllowedIp, int Line, int Column)> Claims =>
        _allowedIps.Where(item => !item.Change.Remove).Select(item => (item.Change.AllowedIp, item.Line, item.Column));

    /// <summary>Takes a line.</summary>
    /// <param name="key">One of <see cref="Keys"/>.</param>
    /// <param name="value">The value.</param>
    public void Take(string key, ConfigField value)
    {
        switch (key)
        {
            case "PublicKey":
                _hasKey = true; // A wrong one is a mistake of its own.
                if (ConfigValues.TryPublicKey(value, remarks, out var name))
                    _change = _change with { PublicKey = name };
                break;
            case "PresharedKey" when ConfigValues.TrySecretKey(value, key, remarks, out var secret):
                keys.Add(secret!);
                _change.PresharedKey?.Dispose();
                _change = _change with { PresharedKey = secret };
                break;
            case "AllowedIPs":
                TakeAllowedIps(value);
                break;
            case "Endpoint" when EndpointReader.TryRead(value, remarks, out var endpoint):
                _change = _change with { Endpoint = endpoint };
                break;
            case "PersistentKeepalive" when ConfigValues.TryKeepalive(value, remarks, out var seconds):
                _change = _change with { PersistentKeepalive = seconds };
                break;
        }
    }

    /// <summary>The peer.</summary>
    public PeerChange Build()
    {
        if (!_hasKey)
            remarks.Mistake(new(line, column, "this peer has no PublicKey, by which it is known; add the line"));
        return _change with { AllowedIps = [.. _allowedIps.Select(item => item.Change)] };
    }

    // A sign makes the list one of changes to what a running peer has. An empty list is one too.
    private void TakeAllowedIps(ConfigField value)
    {
        var (replace, more) = (true, !value.IsEmpty);
        for (var rest = value; more;)
        {
            more = rest.Cut(","u8, out var item, out rest);
            item = item.Trim();
            var isSigned = item.Text is [(byte)'+' or (byte)'-', ..];
            replace &= !isSigned;
            if (ConfigValues.TryAllowedIp(isSigned ? item.Slice(1, item.Text.Length - 1).Trim() : item, remarks, out var prefix))
                _allowedIps.Add((new(prefix, item.Text[0] == '-'), item.Line, item.Column));
        }
        _change = _change with { ReplaceAllowedIps = replace };
    }
}
