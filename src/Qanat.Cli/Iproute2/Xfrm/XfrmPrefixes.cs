using System.Net.Sockets;
using Qanat.Ipsec;
using Qanat.Packets;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>Addresses and prefixes as the words of <c>xfrm</c> have them.</summary>
internal static class XfrmPrefixes
{
    /// <summary>Reads an address, or a prefix with a length or a netmask after a slash.</summary>
    /// <param name="text">The prefix.</param>
    /// <param name="family">The family that it must have; unspecified for either.</param>
    /// <returns>The prefix; null for <c>any</c> of no family.</returns>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static IpPrefix? Parse(string text, AddressFamily family)
    {
        var slash = text.IndexOf('/');
        var head = slash < 0 ? text : text[..slash];
        if (text is "any" or "all" or "default")
            return family == AddressFamily.Unspecified ? null : new(IpAddress.Any(family == AddressFamily.InterNetworkV6), 0);
        if (!TryParseAddress(head, family, out var address))
            throw Expected("prefix", text, family);
        var bits = address.IsIPv6 ? 128u : 32u;
        var length = bits;
        if (slash >= 0 && !(TryParseLength(text[(slash + 1)..], out length) && length <= bits))
            throw Expected("prefix", text, family);
        return new(address, (int)length);
    }

    /// <summary>Reads an address of either family; <c>any</c> is 0.0.0.0.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static IpAddress ParseAddress(string text) =>
        text is "any" or "all" or "default" ? IpAddress.Any(isIPv6: false)
            : TryParseAddress(text, AddressFamily.Unspecified, out var address) ? address
            : throw Expected("address", text, AddressFamily.Unspecified);

    /// <summary>Whether an address, the beginning of <paramref name="text"/> up to a slash, lies within a prefix.</summary>
    public static bool Contains(IpPrefix prefix, string text) =>
        IpAddress.TryParse(text.Split('/')[0], out var address) && prefix.Contains(address);

    /// <summary>The family of an address.</summary>
    public static AddressFamily Family(IpAddress address) => address.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    private static bool TryParseAddress(string text, AddressFamily family, out IpAddress address)
    {
        address = default;
        if (family != AddressFamily.InterNetwork && text.Contains(':') && Addresses.TryParseIPv6(text, out var ipv6))
        {
            address = IpAddress.From(ipv6);
            return true;
        }
        if (family == AddressFamily.InterNetworkV6 || text is "any" or "all" or "default" || !Addresses.TryParseIPv4(text, out var ipv4))
            return false;
        address = ipv4;
        return true;
    }

    private static bool TryParseLength(string text, out uint length)
    {
        if (Numbers.TryParseUInt(text, 0, out length))
            return true;
        if (!Addresses.TryParseIPv4(text, out var mask) || ((~mask.Value + 1) & ~mask.Value) != 0)
            return false;
        length = (uint)uint.PopCount(mask.Value);
        return true;
    }

    private static CommandFailure Expected(string what, string text, AddressFamily family)
    {
        var kind = family switch
        {
            AddressFamily.InterNetwork => "inet",
            AddressFamily.InterNetworkV6 => "inet6",
            _ => "any valid",
        };
        return CommandFailure.Refusal($"Error: {kind} {what} is expected rather than \"{text}\".");
    }
}
