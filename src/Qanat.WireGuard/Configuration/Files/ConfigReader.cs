using System.Text;
using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>
/// Reads configuration files of wg-quick(8) and wg(8), whole or not at all: where wg says that a line is unrecognized and
/// shows the key in it, this says what is wrong where, of as many lines as are wrong. Total on any bytes.
/// </summary>
public sealed class ConfigReader
{
    /// <summary>The most bytes that are read as a file: a hundred times what a large hub has.</summary>
    public const int MaxSize = 16 * 1024 * 1024;

    private readonly ConfigRemarks _remarks = new();
    private readonly List<SecretKey> _keys = [];
    private readonly List<PeerChange> _peers = [];
    private readonly Dictionary<string, int> _said = [];
    private readonly Dictionary<PublicKey, int> _known = [];
    private readonly Dictionary<AllowedIp, (PublicKey Peer, int Line)> _claims = [];
    private readonly InterfaceSection _interface;
    private PeerSection? _peer;
    private Section _section;

    private enum Section
    {
        None,
        Interface,
        Peer,
        Unknown,
    }

    private ConfigReader(Func<string, bool> isTable) => _interface = new(_remarks, _keys, isTable);

    /// <summary>Reads a file.</summary>
    /// <param name="text">Its bytes, which hold keys: wiping them is the caller's business.</param>
    /// <param name="isTable">Whether there is a routing table of a name; without it, of every name that is like no number.</param>
    /// <returns>The file, or what is wrong with it. The keys of a file that is returned are the caller's.</returns>
    public static ConfigReading Read(ReadOnlySpan<byte> text, Func<string, bool>? isTable = null)
    {
        var reader = new ConfigReader(isTable ?? (static name => !char.IsAsciiDigit(name[0])));
        if (text.Length <= MaxSize)
            reader.ReadLines(text.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text);
        else
            reader._remarks.Mistake(new(1, 1, $"the file has more than {MaxSize / 1024 / 1024} MiB; name a configuration file"));
        reader.EndPeer();
        return reader.Conclude();
    }

    private ConfigReading Conclude()
    {
        var config = _interface.Build();
        if (config.Change.PrivateKey is { } own)
            WarnOfOwnKey(own);
        var reading = _remarks.Conclude(config with { Change = config.Change with { Peers = _peers } });
        if (reading.Config is null)
            foreach (var key in _keys)
                key.Dispose();
        return reading;
    }

    private void ReadLines(ReadOnlySpan<byte> text)
    {
        var number = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            ReadLine(new(line, ++number, 0, line.Length));
        }
    }

    private void ReadLine(ConfigField line)
    {
        line.Cut("#"u8, out var said, out _);
        said = said.Trim();
        if (said.IsEmpty)
            return;
        if (said.Text[0] == '[')
            BeginSection(said);
        else if (!said.Cut("="u8, out var name, out var value))
            _remarks.Mistake(said, $"KEY = VALUE is expected rather than {said.Shown}");
        else
        {
            line.Cut("="u8, out _, out var toTheEnd);
            TakeLine(name.Trim(), value.Trim(), toTheEnd.Trim());
        }
    }

    private void BeginSection(ConfigField header)
    {
        EndPeer();
        var name = header.Compact(stackalloc byte[16]);
        _section = Ascii.EqualsIgnoreCase(name, "[Interface]") ? Section.Interface
            : Ascii.EqualsIgnoreCase(name, "[Peer]") ? Section.Peer
            : Section.Unknown;
        if (_section == Section.Peer)
            _peer = new(header.Line, header.Column, _remarks, _keys);
        else if (_section == Section.Unknown)
            _remarks.Mistake(header, $"[Interface] or [Peer] is expected rather than {header.Shown}");
    }

    private void TakeLine(ConfigField name, ConfigField value, ConfigField toTheEnd)
    {
        if (_section == Section.None)
        {
            _remarks.Mistake(name, "this is before the first section; begin with a line [Interface]");
            _section = Section.Interface; // Once is enough.
        }
        if (_section == Section.Unknown)
            return;
        var (own, others) = _peer is null ? (InterfaceSection.Keys, PeerSection.Keys) : (PeerSection.Keys, InterfaceSection.Keys);
        if (Find(name, own) is not { } key)
        {
            var section = _peer is null ? "[Interface]" : "[Peer]";
            _remarks.Mistake(name, Find(name, others) is { } other
                ? $"{other} belongs to {(_peer is null ? "[Peer]" : "[Interface]")}, and this is {section}; move the line"
                : $"{section} has no {name.Shown}; it has {string.Join(", ", own)}");
            return;
        }
        WarnOfSecond(key, name);
        if (_peer is null)
            _interface.Take(key, value, toTheEnd);
        else
            _peer.Take(key, value);
    }

    private static string? Find(ConfigField name, string[] keys)
    {
        Span<byte> scratch = stackalloc byte[32];
        foreach (var key in keys)
            if (Ascii.EqualsIgnoreCase(name.Compact(scratch), key))
                return key;
        return null;
    }

    private void WarnOfSecond(string key, ConfigField name)
    {
        if (key is "Address" or "DNS" or "PreUp" or "PostUp" or "PreDown" or "PostDown" or "AllowedIPs")
            return;
        if (_said.TryGetValue(key, out var line))
            _remarks.Warn(new(name.Line, name.Column, $"{key} again: that of line {line} no longer counts" +
                (key == "PublicKey" ? "; is a line [Peer] missing before this one?" : "")));
        _said[key] = name.Line;
    }

    // The interface leaves such a peer out without a word.
    private void WarnOfOwnKey(SecretKey key)
    {
        try
        {
            if (_known.Count > 0 && _known.TryGetValue(WireGuardKeys.PublicOf(key), out var line))
                _remarks.Warn(new(line, 1, "this peer has the interface's own key, and is left out; PublicKey is that of the other end"));
        }
        catch (CryptoException)
        {
            // There is no libcrypto: whoever brings the interface up says so.
        }
    }

    private void EndPeer()
    {
        foreach (var key in PeerSection.Keys)
            _said.Remove(key);
        if (_peer is not { } section)
            return;
        var peer = section.Build();
        _peers.Add(peer);
        if (_known.TryGetValue(peer.PublicKey, out var known) && !peer.PublicKey.IsNone)
            _remarks.Warn(new(section.Line, 1, $"this is the peer of line {known} again" +
                (peer.ReplaceAllowedIps ? ", whose AllowedIPs there no longer count" : "")));
        _known[peer.PublicKey] = section.Line;
        foreach (var (prefix, line, column) in section.Claims)
        {
            if (_claims.TryGetValue(prefix, out var other) && other.Peer != peer.PublicKey)
                _remarks.Warn(new(line, column,
                    $"AllowedIPs: {prefix} is taken from the peer of line {other.Line}; one peer alone has it"));
            _claims[prefix] = (peer.PublicKey, section.Line);
        }
        _peer = null;
    }
}
