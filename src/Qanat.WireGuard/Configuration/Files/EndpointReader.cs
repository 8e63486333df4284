using System.Text;

namespace Qanat.WireGuard.Configuration;

/// <summary>Reads endpoints as <c>wg</c> takes them: <c>name:port</c>, <c>192.0.2.1:port</c>, <c>[2001:db8::1]:port</c>.</summary>
internal static class EndpointReader
{
    private const string Key = "Endpoint", Form = "host:port or [address]:port";
    private const int LongestName = 253, LongestService = 32;

    /// <summary>Reads an endpoint.</summary>
    public static bool TryRead(ConfigField field, ConfigRemarks remarks, out PeerEndpoint? endpoint)
    {
        endpoint = null;
        Span<byte> scratch = stackalloc byte[LongestName + LongestService + 4];
        var text = field.Compact(scratch);
        var isBracketed = text is [(byte)'[', ..];
        var end = isBracketed ? text.IndexOf((byte)']') : text.LastIndexOf((byte)':');
        if (end < 0)
        {
            remarks.Expect(field, Key, isBracketed ? $"{Form}, with both brackets," : $"{Form}, with a port,");
            return false;
        }
        var host = isBracketed ? text[1..end] : text[..end];
        var service = isBracketed ? text[(end + 1)..] : text[end..];
        if (service is not [(byte)':', _, ..])
        {
            remarks.Expect(field, Key, $"{Form}, with a port,");
            return false;
        }
        service = service[1..];
        if (!IsHost(host, isBracketed))
            remarks.Expect(field, Key, host.Contains((byte)':') && !isBracketed
                ? "an IPv6 address in brackets, and a port behind it: [2001:db8::1]:51820,"
                : "the name or the address of a host, before the port,");
        else if (!IsService(service))
            remarks.Expect(field, Key, "a port from 1 to 65535, or the name of a service, behind the host");
        else
            endpoint = new(Encoding.ASCII.GetString(host), Encoding.ASCII.GetString(service));
        return endpoint is not null;
    }

    private static bool IsHost(ReadOnlySpan<byte> host, bool isBracketed) =>
        PeerEndpoint.TryParseAddress(host, out _, out _) ||
        // What has no letter is a mistyped address, which would be asked for in vain.
        !isBracketed && host.Length is > 0 and <= LongestName && IsMadeOf(host, "._-") && !AddressText.LooksLikeIPv4(host);

    private static bool IsService(ReadOnlySpan<byte> service) => AddressText.TryParseNumber(service, ushort.MaxValue, out var port)
        ? port > 0
        : service.Length <= LongestService && IsMadeOf(service, "-_") && !char.IsAsciiDigit((char)service[0]);

    private static bool IsMadeOf(ReadOnlySpan<byte> text, string others)
    {
        foreach (var character in text)
            if (!char.IsAsciiLetterOrDigit((char)character) && !others.Contains((char)character))
                return false;
        return true;
    }
}
