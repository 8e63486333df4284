using Qanat.Linux.Netlink;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>A device's flags and state in <c>ip</c>'s words and order.</summary>
internal static class LinkFlagNames
{
    private static readonly (LinkFlags Flag, string Name)[] s_names =
    [
        (LinkFlags.Loopback, "LOOPBACK"), (LinkFlags.Broadcast, "BROADCAST"), (LinkFlags.PointToPoint, "POINTOPOINT"),
        (LinkFlags.Multicast, "MULTICAST"), (LinkFlags.NoArp, "NOARP"), (LinkFlags.AllMulticast, "ALLMULTI"),
        (LinkFlags.Promiscuous, "PROMISC"), (LinkFlags.Master, "MASTER"), (LinkFlags.Slave, "SLAVE"), (LinkFlags.Debug, "DEBUG"),
        (LinkFlags.Dynamic, "DYNAMIC"), (LinkFlags.AutoMedia, "AUTOMEDIA"), (LinkFlags.PortSelect, "PORTSEL"),
        (LinkFlags.NoTrailers, "NOTRAILERS"), (LinkFlags.Up, "UP"), (LinkFlags.LowerUp, "LOWER_UP"), (LinkFlags.Dormant, "DORMANT"),
        (LinkFlags.Echo, "ECHO"),
    ];

    private static readonly string[] s_states = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"];

    /// <summary>The words of a device's flags.</summary>
    public static IEnumerable<string> Of(LinkFlags flags)
    {
        if ((flags & (LinkFlags.Up | LinkFlags.Running)) == LinkFlags.Up)
            yield return "NO-CARRIER";
        foreach (var (flag, name) in s_names)
            if (flags.HasFlag(flag))
                yield return name;
    }

    /// <summary>The word of a device's state.</summary>
    public static string Of(OperationalState state) => (int)state < s_states.Length ? s_states[(int)state] : $"{(int)state:x}";
}
