using System.Globalization;
using System.Text;
using Qanat.Cli.Iproute2;
using Qanat.Hosts;
using Qanat.Linux.Devices;
using Qanat.Packets;

namespace Qanat.Cli.Echo;

/// <summary>What <c>qanat echo</c> was asked for.</summary>
internal sealed record EchoRequest
{
    /// <summary>The device's name.</summary>
    public required string Device { get; init; }

    /// <summary>TUN or TAP, when the command says so.</summary>
    public TunMode? Mode { get; init; }

    /// <summary>The host's IPv4 addresses.</summary>
    public IReadOnlyList<IPv4Interface> IPv4 { get; init; } = [];

    /// <summary>The host's IPv6 addresses.</summary>
    public IReadOnlyList<IPv6Interface> IPv6 { get; init; } = [];

    /// <summary>The host's Ethernet address; null leaves it to us.</summary>
    public MacAddress? LinkLayerAddress { get; init; }

    /// <summary>Addresses that this machine's side of the device is to have.</summary>
    public IReadOnlyList<string> HostAddresses { get; init; } = [];

    /// <summary>Answers after which it ends; null for no end.</summary>
    public long? Count { get; init; }

    /// <summary>Whether exchanges are not printed.</summary>
    public bool Quiet { get; init; }
}

/// <summary>Reads the words of <c>qanat echo</c>, which are in the manner of <c>ip</c>: a keyword, its value.</summary>
internal static class EchoGrammar
{
    private const int MaxNameBytes = 15; // IFNAMSIZ - 1

    /// <summary>Reads them.</summary>
    /// <exception cref="CommandFailure">They make no sense.</exception>
    public static EchoRequest Parse(ReadOnlySpan<string> words)
    {
        var request = new EchoRequest { Device = "" };
        List<IPv4Interface> ipv4 = [];
        List<IPv6Interface> ipv6 = [];
        List<string> host = [];
        var given = new HashSet<string>();
        for (var at = 0; at < words.Length; at++)
        {
            var word = words[at];
            if (!given.Add(word) && word is "dev" or "mode" or "lladdr" or "count")
                throw CommandFailure.Nonsense($"echo: \"{word}\" is there twice.");
            request = word switch
            {
                "dev" => request with { Device = Name(Value(words, ref at)) },
                "mode" => request with { Mode = Mode(Value(words, ref at)) },
                "address" => AddAddress(request, Value(words, ref at), ipv4, ipv6),
                "host" => AddHost(request, Value(words, ref at), host),
                "lladdr" => request with { LinkLayerAddress = LinkLayerAddress(Value(words, ref at)) },
                "count" => request with { Count = Count(Value(words, ref at)) },
                "quiet" => request with { Quiet = true },
                _ => throw CommandFailure.Nonsense($"echo: \"{word}\" is no word of it, try \"qanat echo --help\"."),
            };
        }
        if (request.Device.Length == 0)
            throw CommandFailure.Nonsense("echo: which device? Say \"dev NAME\", such as \"dev tap0\".");
        if (ipv4.Count + ipv6.Count == 0)
            throw CommandFailure.Nonsense("echo: whose pings? Say \"address ADDRESS/LENGTH\", such as \"address 10.18.0.3/24\".");
        foreach (var other in host)
            if (ipv4.Any(own => IsSame(other, $"{own.Address}")) || ipv6.Any(own => IsSame(other, $"{own.Address}")))
                throw CommandFailure.Refusal($"echo: {other} cannot be on both sides of the device: give \"host\" another address.");
        return request with { IPv4 = ipv4, IPv6 = ipv6, HostAddresses = host };
    }

    private static string Value(ReadOnlySpan<string> words, ref int at) => ++at < words.Length
        ? words[at]
        : throw CommandFailure.Nonsense($"echo: a value is missing after \"{words[at - 1]}\".");

    private static string Name(string text) =>
        text.Length > 0 && Encoding.UTF8.GetByteCount(text) <= MaxNameBytes && text is not ("." or "..") &&
        !text.Any(c => c is '/' or ':' or '%' || char.IsWhiteSpace(c))
            ? text
            : throw CommandFailure.Nonsense(
                $"echo: \"{text}\" is no name for a device: 1 to {MaxNameBytes} bytes, no space, slash, colon or percent sign.");

    private static TunMode Mode(string text) => text switch
    {
        "tun" => TunMode.Tun,
        "tap" => TunMode.Tap,
        _ => throw CommandFailure.Nonsense($"echo: mode is tun (IP packets) or tap (Ethernet frames), not \"{text}\"."),
    };

    private static EchoRequest AddAddress(EchoRequest request, string text, List<IPv4Interface> ipv4, List<IPv6Interface> ipv6)
    {
        if (IPv4Interface.TryParse(text, out var four))
            ipv4.Add(four);
        else if (IPv6Interface.TryParse(text, out var six))
            ipv6.Add(six);
        else
            throw NoAddress(text);
        return request;
    }

    private static EchoRequest AddHost(EchoRequest request, string text, List<string> host)
    {
        if (!IPv4Interface.TryParse(text, out _) && !IPv6Interface.TryParse(text, out _))
            throw NoAddress(text);
        host.Add(text);
        return request;
    }

    private static MacAddress LinkLayerAddress(string text)
    {
        var parts = text.Split(':');
        var value = 0UL;
        var valid = parts.Length == MacAddress.Size;
        foreach (var part in parts)
        {
            valid &= part.Length is 1 or 2 && byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
            value = valid ? value << 8 | byte.Parse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : 0;
        }
        var address = new MacAddress(value);
        return valid && value != 0 && !address.IsMulticast
            ? address
            : throw CommandFailure.Refusal($"echo: \"{text}\" is no Ethernet address of one host, such as 02:00:0a:12:00:03.");
    }

    private static long Count(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : throw CommandFailure.Nonsense($"echo: count is how many answers, 1 or more, not \"{text}\".");

    private static CommandFailure NoAddress(string text) => CommandFailure.Refusal(text.Contains('%')
        ? $"echo: \"{text}\" names a zone, which the device is: leave the percent sign and what follows it out."
        : $"echo: \"{text}\" is no address of one host: give it as 10.18.0.3/24 or fd18::3/64.");

    private static bool IsSame(string prefix, string address) => IpPart(prefix) == address;

    private static string IpPart(string prefix) => IPv4Interface.TryParse(prefix, out var four)
        ? $"{four.Address}"
        : IPv6Interface.TryParse(prefix, out var six) ? $"{six.Address}" : prefix;
}
