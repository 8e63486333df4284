using System.Net;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor;

/// <summary>Routes that refuse packets, and the words of <c>ip route</c> for them.</summary>
internal static class RouteWords
{
    /// <summary>Whether a route refuses packets.</summary>
    public static bool Refuses(this Route route) => Word(route.Type) is not null;

    /// <summary>The most specific route that refuses packets to an address; null when there is none.</summary>
    public static Route? RefusalOf(this Machine machine, IPAddress address) =>
        machine.Routes.Where(route => route.Refuses() && route.Destination.Contains(address))
            .MaxBy(route => route.Destination.PrefixLength);

    /// <summary>As <c>ip route</c> names it, to delete it: <c>prohibit 192.0.2.0/24</c>.</summary>
    public static string Describe(this Route route) => $"{Word(route.Type)} {route.Destination}";

    private static string? Word(RouteType type) => type switch
    {
        RouteType.Blackhole => "blackhole",
        RouteType.Unreachable => "unreachable",
        RouteType.Prohibit => "prohibit",
        _ => null,
    };
}
