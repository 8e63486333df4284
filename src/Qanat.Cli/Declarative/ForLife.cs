using Qanat.Cli.Declarative.Keys;

namespace Qanat.Cli.Declarative;

/// <summary>What a tunnel has for life, so that another value of it means another tunnel.</summary>
internal static class ForLife
{
    /// <summary>True when a tunnel must be made anew to become the other.</summary>
    /// <param name="wanted">What it is to become.</param>
    /// <param name="current">What it is.</param>
    /// <param name="values">The values that differ.</param>
    public static bool Differs(HostTunnel wanted, HostTunnel current, IReadOnlyList<ValueChange> values) =>
        wanted.Mode != current.Mode ? !AreIp6Tnl(wanted, current)
        : values.Any(value => value.Part == TunnelPart.Identity) || ShapeDiffers(wanted, current, values) ||
            SessionDiffers(wanted, current);

    // One driver of the kernel's has the three, and a change goes from one to another.
    private static bool AreIp6Tnl(HostTunnel wanted, HostTunnel current) => ((wanted.Mode | current.Mode) & ~ModeSet.Ip6tnl) == 0;

    // Over IPv4 a device without Ethernet is point-to-point or not, or broadcast, for life (ip_tunnel_ioctl).
    private static bool ShapeDiffers(HostTunnel wanted, HostTunnel current, IReadOnlyList<ValueChange> values)
    {
        if ((wanted.Mode & ModeSet.OverIPv4 & ~ModeSet.Gretap) == 0)
            return false;
        var toGroup = TunnelRules.IsGroup(wanted.Spec.Remote) || TunnelRules.IsGroup(current.Spec.Remote);
        return (wanted.Spec.Remote == "any") != (current.Spec.Remote == "any") ||
            (toGroup && values.Any(value => value.Key is "local" or "remote" or "dev" or "key"));
    }

    private static bool SessionDiffers(HostTunnel wanted, HostTunnel current) => wanted.Spec.L2tp is { } session &&
        current.Spec.L2tp is { } before &&
        (session.TunnelId, session.SessionId, session.PeerSessionId) != (before.TunnelId, before.SessionId, before.PeerSessionId);
}
