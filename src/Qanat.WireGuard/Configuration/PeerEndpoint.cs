using System.Globalization;
using System.Text;
using Qanat.Packets;

namespace Qanat.WireGuard.Configuration;

/// <summary>Where a peer is, as text: names are looked up by whoever sends to it, again and again.</summary>
/// <param name="Host">A name, or an address without brackets, one of IPv6 with its zone after <c>%</c> if it has one.</param>
/// <param name="Service">A port's number, or a service's name.</param>
public sealed record PeerEndpoint(string Host, string Service)
{
    /// <summary>An address and a port.</summary>
    public static PeerEndpoint From(IpAddress address, ushort port) =>
        new(address.ToString(), port.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads an address and a port, no names: <c>192.0.2.1:51820</c>, <c>[fe80::1%eth0]:51820</c>.</summary>
    /// <param name="text">ASCII.</param>
    /// <param name="endpoint">The endpoint, or null.</param>
    public static bool TryParseNumeric(ReadOnlySpan<byte> text, out PeerEndpoint? endpoint)
    {
        endpoint = null;
        var colon = text.LastIndexOf((byte)':');
        if (colon < 0 || !AddressText.TryParseNumber(text[(colon + 1)..], ushort.MaxValue, out var port))
            return false;
        var host = text[..colon];
        var bracketed = host is [(byte)'[', .., (byte)']'];
        if (bracketed)
            host = host[1..^1];
        if (!TryParseAddress(host, out var address, out var zone) || address.IsIPv6 != bracketed)
            return false;
        endpoint = From(address, (ushort)port);
        if (zone.Length > 0)
            endpoint = endpoint with { Host = $"{address}%{zone}" };
        return true;
    }

    /// <summary>The address, when the host is one.</summary>
    /// <param name="address">The address.</param>
    /// <param name="zone">The interface that a link-local address is reached by, or an empty string.</param>
    public bool TryGetAddress(out IpAddress address, out string zone) =>
        TryParseAddress(Encoding.UTF8.GetBytes(Host), out address, out zone);

    /// <summary>The port, when the service is a number.</summary>
    public bool TryGetPort(out ushort port)
    {
        var valid = AddressText.TryParseNumber(Encoding.UTF8.GetBytes(Service), ushort.MaxValue, out var number);
        port = (ushort)number;
        return valid;
    }

    /// <summary><c>host:port</c>, or <c>[address]:port</c> for one of IPv6.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Service}" : $"{Host}:{Service}";

    /// <summary>Reads an address with a zone, if there is one.</summary>
    internal static bool TryParseAddress(ReadOnlySpan<byte> text, out IpAddress address, out string zone)
    {
        var percent = text.IndexOf((byte)'%');
        zone = "";
        if (percent < 0)
            return AddressText.TryParse(text, out address);
        var name = text[(percent + 1)..];
        if (!AddressText.TryParse(text[..percent], out address) || !address.IsIPv6 || name.IsEmpty ||
            name.ContainsAnyExceptInRange((byte)'!', (byte)'~') || name.ContainsAny("[]%/"u8))
            return false;
        zone = Encoding.ASCII.GetString(name);
        return true;
    }
}
