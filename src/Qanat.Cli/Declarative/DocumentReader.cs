using Qanat.Cli.Declarative.Keys;
using Qanat.Cli.Declarative.Yaml;
using Qanat.Cli.Iproute2;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative;

/// <summary>Reads the file: <c>network: {version: 2, tunnels: {NAME: {...}}}</c>, and what tunnels need beside them.</summary>
internal sealed class DocumentReader
{
    private static readonly string[] TopKeys = ["network"], NetworkKeys = ["version", FouKeys.Name, L2tpKeys.Name, "tunnels"];
    private readonly Mistakes _mistakes;

    private DocumentReader(Mistakes mistakes) => _mistakes = mistakes;

    /// <summary>Reads a document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">Its name, for what is wrong with it.</param>
    /// <returns>What it describes, in the order of the file.</returns>
    /// <exception cref="CommandFailure">It is wrong: a line for each mistake.</exception>
    public static HostDocument Read(TextReader text, string file)
    {
        var mistakes = new Mistakes(file);
        var root = YamlReader.Read(text, mistakes);
        var document = root is null ? new() : new DocumentReader(mistakes).ReadRoot(root);
        mistakes.Check();
        return document;
    }

    private HostDocument ReadRoot(YamlNode root)
    {
        if (Mapping(root, "the file", "network", TopKeys)?.Find("network") is not { } body ||
            Mapping(body, "network", "tunnels", NetworkKeys) is not { } network)
            return new();
        if (network.Find("version") is { } version and not YamlScalar { Text: "2" })
            _mistakes.Expect(version, "version", "2");
        return new()
        {
            FouPorts = ReadList<FouPort>(network, FouKeys.Name, FouKeys.Read),
            L2tpTunnels = ReadList<L2tpTunnel>(network, L2tpKeys.Name, L2tpKeys.Read),
            Tunnels = ReadTunnels(network.Find("tunnels")),
        };
    }

    private List<T> ReadList<T>(YamlMap network, string key, Action<YamlNode, List<T>, Mistakes> readItem)
    {
        var read = new List<T>();
        if (network.Find(key) is YamlList list)
            foreach (var item in list.Items)
                readItem(item, read, _mistakes);
        else if (network.Find(key) is { } other)
            _mistakes.Expect(other, key, "a list");
        return read;
    }

    private List<HostTunnel> ReadTunnels(YamlNode? tunnels)
    {
        var read = new List<HostTunnel>();
        if (tunnels is YamlMap map)
            foreach (var (name, body) in map.Entries)
                if (ReadTunnel(name, body) is { } tunnel)
                    read.Add(tunnel);
        if (tunnels is not (YamlMap or null))
            _mistakes.Expect(tunnels, "tunnels", "a mapping of names to tunnels");
        return read;
    }

    // A mapping that has no keys but those known, and one that must be there.
    private YamlMap? Mapping(YamlNode node, string what, string key, string[] known)
    {
        if (node is not YamlMap map)
        {
            _mistakes.Expect(node, what, $"a mapping with the key \"{key}\"");
            return null;
        }
        foreach (var (name, _) in map.Entries.Where(entry => !known.Contains(entry.Key.Text)))
            _mistakes.Add(name.Place, $"{what}: there is no key \"{name.Text}\"; is \"{Spelling.Nearest(name.Text, known)}\" meant?");
        if (map.Find(key) is null)
            _mistakes.Add(map.Place, $"{what}: the key \"{key}\" is expected, and missing");
        return map;
    }

    private HostTunnel? ReadTunnel(YamlScalar name, YamlNode body)
    {
        if (!Values.IsDeviceName(name.Text))
            _mistakes.Expect(name, "tunnels", "a name of at most 15 bytes without slash, colon, percent sign or space");
        if (body is not YamlMap map)
        {
            _mistakes.Expect(body, name.Text, "a mapping with the key \"mode\"");
            return null;
        }
        if (ReadMode(name, map) is not { } mode)
            return null;
        var tunnel = HostTunnel.Default(name.Text, mode);
        var before = _mistakes.Count;
        TunnelKeys.Table.Read(OfMode(map, name, tunnel.Mode), tunnel, name.Text, _mistakes);
        if (_mistakes.Count == before)
            TunnelRules.Check(tunnel, name, map, _mistakes);
        return tunnel;
    }

    private string? ReadMode(YamlScalar name, YamlMap map)
    {
        switch (map.Find("mode"))
        {
            case null:
                _mistakes.Add(name.Place, $"{name.Text}: the key \"mode\" is expected, and missing");
                return null;
            case YamlScalar scalar when ModeSets.Of(scalar.Text) != ModeSet.None:
                return scalar.Text;
            case var other:
                _mistakes.Expect(other, "mode", $"one of {string.Join(", ", ModeSets.AllWords)}");
                return null;
        }
    }

    // The keys that are known, but are another mode's, are mistakes of their own.
    private YamlMap OfMode(YamlMap map, YamlScalar tunnel, ModeSet mode)
    {
        var own = new List<YamlEntry>(map.Entries.Count);
        foreach (var entry in map.Entries)
            if (TunnelKeys.Find(entry.Key.Text) is { } key && (key.Modes & mode) == 0)
                _mistakes.Add(entry.Key.Place,
                    $"{tunnel.Text}: the mode {ModeSets.Words(mode)} has no \"{entry.Key.Text}\"; a key of that mode is expected " +
                    $"({entry.Key.Text} is for {ModeSets.Words(key.Modes)})");
            else
                own.Add(entry);
        return new(own, map.Place);
    }
}
