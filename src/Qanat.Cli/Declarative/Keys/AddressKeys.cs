using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>The items of <c>addresses</c>: <c>10.0.0.1/24</c>, or that as the key of a mapping with more about it.</summary>
internal static class AddressKeys
{
    private const int MaxLabel = 15; // IFNAMSIZ, less the zero at its end
    private const string Expected = "an address with the length of its prefix, such as 10.0.0.1/24,";

    /// <summary>What may be said about an address.</summary>
    public static KeyTable<HostAddress> Table { get; } = new(
    [
        new ScalarKey<HostAddress, IPAddress>("peer", Values.Address, address => address.Peer, (address, peer) => address.Peer = peer),
        new ScalarKey<HostAddress, string>("label", Label, address => address.Label, (address, label) => address.Label = label),
        new ScalarKey<HostAddress, bool>("lifetime", Lifetime, address => address.Deprecated, (address, old) => address.Deprecated = old),
    ]);

    private static ValueKind<string> Label => Values.Text(
        $"a label of at most {MaxLabel} bytes", text => Encoding.UTF8.GetByteCount(text) is > 0 and <= MaxLabel);

    private static ValueKind<bool> Lifetime => new(
        "forever or 0", (string text, out bool old) => (old = text == "0") || text == "forever", old => old ? "0" : "forever");

    /// <summary>Reads an item.</summary>
    public static void Read(YamlNode node, HostTunnel tunnel, Mistakes mistakes)
    {
        var (text, more) = node switch
        {
            YamlMap { Entries: [var (key, value)] } => (key, value),
            YamlScalar scalar => (scalar, null),
            _ => (null, null),
        };
        if (text is null || !TryParse(text.Text, out var address))
        {
            mistakes.Expect(text ?? node, "addresses", Expected);
            return;
        }
        if (more is YamlMap map)
            Table.Read(map, address, "addresses", mistakes);
        else if (more is not null)
            mistakes.Expect(more, text.Text, "a mapping of peer, label, lifetime");
        if (address.Peer is { } peer && peer.AddressFamily != address.Address.AddressFamily)
            mistakes.Add(node.Place, $"peer: an address of the family of {address.Address} is expected rather than {peer}");
        else if (tunnel.Addresses.Contains(address))
            mistakes.Add(node.Place, $"addresses: {address} is here a second time; once is expected");
        else
            tunnel.Addresses.Add(address);
    }

    /// <summary>The item for an address.</summary>
    public static YamlNode Write(HostAddress address)
    {
        var text = new YamlScalar($"{address.Address}/{address.PrefixLength}");
        var more = Details(address);
        return more.Entries.Count == 0 ? text : new YamlMap([new(text, more)]);
    }

    /// <summary>An address in a line.</summary>
    public static string Text(HostAddress address) => string.Concat(
        Details(address).Entries.Select(detail => $" {detail.Key.Text} {YamlWriter.Line(detail.Value)}")
            .Prepend($"{address.Address}/{address.PrefixLength}"));

    private static YamlMap Details(HostAddress address) =>
        Table.Write(address, new() { Address = address.Address, PrefixLength = address.PrefixLength });

    private static bool TryParse(string text, out HostAddress address)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        byte length = 0;
        var valid = Values.TryParseAddress(slash < 0 ? "" : text[..slash], out var parsed) &&
            byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) &&
            length <= (parsed.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        address = new() { Address = parsed, PrefixLength = length };
        return valid;
    }
}
