using System.Diagnostics.CodeAnalysis;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>What the kernel tells of a device beyond <see cref="Link"/>.</summary>
/// <remarks>Source: linux/if_link.h; net/core/rtnetlink.c, rtnl_link_info_fill.</remarks>
public sealed record LinkDetails : INetlinkParsable<LinkDetails>
{
    /// <summary>The device's index.</summary>
    public required int Index { get; init; }

    /// <summary>Whether there is a carrier, though the device may be down; null when the kernel does not say.</summary>
    public bool? Carrier { get; init; }

    /// <summary>The outer ends of a tunnel of the kernel's own; null for any other device.</summary>
    public TunnelDetails? Tunnel { get; init; }

    /// <inheritdoc/>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out LinkDetails? value)
    {
        value = null;
        if (message.Type != RTM_NEWLINK || !message.TryRead(out ifinfomsg header, out var attributes) || header.ifi_index <= 0)
            return false;
        value = new LinkDetails { Index = header.ifi_index };
        foreach (var attribute in attributes)
        {
            if (attribute.Type == IFLA_CARRIER)
                value = value with { Carrier = attribute.Read<byte>() != 0 };
            else if (attribute.Type == IFLA_LINKINFO)
                value = OfKind(value, attribute.Nested);
        }

        return true;
    }

    private static LinkDetails OfKind(LinkDetails details, NetlinkAttributes information)
    {
        string? kind = null;
        foreach (var attribute in information)
        {
            if (attribute.Type == IFLA_INFO_KIND)
                kind = attribute.ReadText();
            else if (attribute.Type == IFLA_INFO_DATA)
                details = details with { Tunnel = TunnelDetails.Parse(kind, attribute.Nested) };
        }

        return details;
    }
}
