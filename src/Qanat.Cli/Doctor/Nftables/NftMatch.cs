using System.Net;
using System.Text.Json;

namespace Qanat.Cli.Doctor.Nftables;

/// <summary>
/// Whether a packet satisfies a condition. Null means that it cannot be told: of what is not understood nothing is claimed.
/// </summary>
/// <remarks>Source: libnftables-json(5).</remarks>
internal static class NftMatch
{
    // Bits of "ct state" that the first packet of a flow may have (linux/netfilter/nf_conntrack_common.h): new, untracked.
    private const long FirstStates = 8 | 64;

    private static readonly Dictionary<string, int> s_protocols = new()
    {
        ["icmp"] = 1, ["igmp"] = 2, ["tcp"] = 6, ["udp"] = 17, ["dccp"] = 33, ["esp"] = 50, ["ah"] = 51, ["icmpv6"] = 58, ["comp"] = 108,
        ["sctp"] = 132, ["udplite"] = 136,
    };

    /// <summary>Decides about a <c>match</c> object.</summary>
    public static bool? Decide(JsonElement match, OuterPacket packet)
    {
        if (Member(match, "left") is not { } left || Member(match, "right") is not { } right)
            return null;
        bool? equal = Member(left, "meta") is { } meta ? Meta(Text(meta, "key"), right, packet)
            : Member(left, "payload") is { } payload ? Payload(Text(payload, "protocol"), Text(payload, "field"), right, packet)
            : Member(left, "ct") is { } ct && Text(ct, "key") == "state" && !MayBeFirst(right) ? false
            : null;
        return Text(match, "op") switch
        {
            "==" or "in" => equal,
            "!=" => !equal,
            _ => null,
        };
    }

    private static bool? Meta(string key, JsonElement right, OuterPacket packet) => key switch
    {
        "l4proto" => Any(right, one => IsNumber(one, packet.Protocol)),
        "nfproto" => Any(right, one => IsNumber(one, packet.IsIPv6 ? 10 : 2)),
        "iif" or "iifname" => Any(right, one => IsDevice(one, packet.InputDevice)),
        "oif" or "oifname" => Any(right, one => IsDevice(one, packet.OutputDevice)),
        _ => null,
    };

    private static bool? Payload(string protocol, string field, JsonElement right, OuterPacket packet)
    {
        if (protocol is "ip" or "ip6" && protocol == "ip6" != packet.IsIPv6)
            return false;
        if (s_protocols.TryGetValue(protocol, out var number) && number != packet.Protocol)
            return false;
        return (protocol, field) switch
        {
            ("ip", "protocol") or ("ip6", "nexthdr") => Any(right, one => IsNumber(one, packet.Protocol)),
            ("ip" or "ip6", "saddr") => Any(right, one => IsAddress(one, packet.Source)),
            ("ip" or "ip6", "daddr") => Any(right, one => IsAddress(one, packet.Destination)),
            _ => null,
        };
    }

    // A value, a list of flags, or a set: {"set": [1, {"range": [4, 6]}]}.
    private static bool? Any(JsonElement right, Func<JsonElement, bool?> isOne)
    {
        var values = Member(right, "set") ?? right;
        if (values.ValueKind != JsonValueKind.Array)
            return isOne(values);
        bool? any = false;
        foreach (var value in values.EnumerateArray())
        {
            var answer = isOne(Member(value, "elem") is { } element ? Member(element, "val") ?? element : value);
            if (answer is true)
                return true;
            any = answer is null ? null : any;
        }
        return any;
    }

    private static bool? IsNumber(JsonElement value, int number) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out var other) && other == number,
        JsonValueKind.String when s_protocols.TryGetValue(value.GetString()!, out var known) => known == number,
        JsonValueKind.Object when Numbers(value, "range") is [var first, var last] => first <= number && number <= last,
        _ => null,
    };

    private static bool? IsDevice(JsonElement value, string? device)
    {
        if (device is null || value.ValueKind != JsonValueKind.String)
            return null;
        var name = value.GetString()!;
        return name.EndsWith('*') ? device.StartsWith(name[..^1], StringComparison.Ordinal) : name == device;
    }

    private static bool? IsAddress(JsonElement value, IPAddress? address)
    {
        if (address is null)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return IPAddress.TryParse(value.GetString(), out var other) ? other.Equals(address) : null;
        return Member(value, "prefix") is { } prefix && Member(prefix, "len") is { ValueKind: JsonValueKind.Number } length &&
            IPNetwork.TryParse($"{Text(prefix, "addr")}/{length.GetRawText()}", out var network)
            ? network.Contains(address)
            : null;
    }

    private static bool MayBeFirst(JsonElement right) =>
        Any(right, one => one.ValueKind switch
        {
            JsonValueKind.Number => one.TryGetInt64(out var bits) && (bits & FirstStates) != 0,
            JsonValueKind.String => one.GetString() is "new" or "untracked",
            _ => null,
        }) is not false;

    private static long[] Numbers(JsonElement value, string name) =>
        Member(value, name) is { ValueKind: JsonValueKind.Array } numbers
            ? [.. numbers.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.Number && one.TryGetInt64(out var n) ? n : -1)]
            : [];

    private static JsonElement? Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : null;

    private static string Text(JsonElement value, string name) =>
        Member(value, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
