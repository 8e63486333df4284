using Qanat.Cli.Declarative.Yaml;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>The items of <c>fdb</c>: where VXLAN sends frames. What netplan says of the tunnel itself has the same names here.</summary>
internal static class ForwardingKeys
{
    private const string Unknown = "00:00:00:00:00:00"; // whatever has no entry of its own
    private static readonly FdbEntry Nothing = new() { Mac = "", Dst = "" };
    private static readonly string[] Required = ["macaddress", "remote"];

    /// <summary>What may be said about an entry.</summary>
    public static KeyTable<FdbEntry> Table { get; } = new(
    [
        new ScalarKey<FdbEntry, string>("macaddress", Values.MacAddress, entry => entry.Mac, (entry, mac) => entry.Mac = mac),
        new ScalarKey<FdbEntry, string>("remote", Values.AddressText, entry => entry.Dst, (entry, remote) => entry.Dst = remote),
        new OptionalKey<FdbEntry, int>("port", Values.Port, entry => entry.Port, (entry, port) => entry.Port = port),
        new OptionalKey<FdbEntry, uint>("id", Values.Number<uint>(0, 0xFFFFFF), entry => entry.Vni, (entry, id) => entry.Vni = id),
        new ScalarKey<FdbEntry, string>("link", Values.Device, entry => entry.Via, (entry, link) => entry.Via = link),
        new ScalarKey<FdbEntry, string>(
            "state", Values.OneOf("permanent", "static"), entry => entry.State, (entry, state) => entry.State = state),
        new ScalarKey<FdbEntry, bool>("sticky", Values.Boolean, entry => entry.Sticky, (entry, on) => entry.Sticky = on),
    ]);

    /// <summary>True for an address that may have several destinations, all of which get its frames.</summary>
    public static bool IsGroup(FdbEntry entry) => entry.Mac == Unknown || (Convert.ToByte(entry.Mac[..2], 16) & 1) != 0;

    /// <summary>True for the entry that a tunnel has by its own <c>remote</c>.</summary>
    public static bool IsDefault(FdbEntry entry, TunnelSpec tunnel) =>
        entry is { Mac: Unknown, Port: null, Vni: null, Via: null } && entry.Dst == tunnel.Remote;

    /// <summary>Reads an item.</summary>
    public static void Read(YamlNode node, HostTunnel tunnel, Mistakes mistakes)
    {
        if (node is not YamlMap map)
        {
            mistakes.Expect(node, "fdb", $"a mapping with the keys {string.Join(", ", Required)}");
            return;
        }
        var entry = Nothing with { };
        Table.Read(map, entry, "fdb", mistakes);
        foreach (var missing in Required.Where(key => map.Find(key) is null))
            mistakes.Add(map.Place, $"fdb: the key \"{missing}\" is expected, and missing");
        tunnel.Forwarding.Add(entry);
    }

    /// <summary>Notes the contradictions between entries and their tunnel, and leaves out what an entry has of it anyway.</summary>
    /// <param name="tunnel">The tunnel, without a mistake so far.</param>
    /// <param name="items">What its entries were read from.</param>
    /// <param name="mistakes">Where mistakes go.</param>
    public static void Settle(HostTunnel tunnel, YamlList items, Mistakes mistakes)
    {
        var (spec, vxlan) = (tunnel.Spec, tunnel.Spec.Vxlan!);
        var isIPv6 = Values.IsIPv6(spec.Local) || Values.IsIPv6(spec.Remote);
        var seen = new HashSet<FdbEntry>();
        foreach (var (entry, item) in tunnel.Forwarding.Zip(items.Items))
        {
            entry.Port = entry.Port == vxlan.Port ? null : entry.Port;
            entry.Vni = entry.Vni == vxlan.Id ? null : entry.Vni;
            var unique = IsGroup(entry) ? entry with { State = Nothing.State, Sticky = false } : Nothing with { Mac = entry.Mac };
            if (Values.IsIPv6(entry.Dst) != isIPv6)
                mistakes.Add(item.Place, $"remote: an address of the tunnel's family is expected rather than {entry.Dst}");
            else if (IsDefault(entry, spec))
                mistakes.Add(item.Place, $"fdb: the tunnel's own remote {entry.Dst} has this entry already; another is expected");
            else if (!seen.Add(unique))
                mistakes.Add(item.Place, $"fdb: {Text(unique)} is here a second time; once is expected");
        }
    }

    /// <summary>The item for an entry.</summary>
    public static YamlMap Write(FdbEntry entry) => Table.Write(entry, Nothing);

    /// <summary>An entry in a line.</summary>
    public static string Text(FdbEntry entry)
    {
        var words = Write(entry).Entries.Skip(1).Select(word => $" {word.Key.Text} {YamlWriter.Line(word.Value)}");
        return string.Concat(words.Prepend(entry.Mac));
    }
}
