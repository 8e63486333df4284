using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>Looks in ISATAP's potential router list.</summary>
internal static class RouterList
{
    /// <summary>The entry of <paramref name="address"/>, if there is one. Lists are short.</summary>
    public static bool TryFind(this IReadOnlyList<PotentialRouter> routers, IPv4Address address, out PotentialRouter router)
    {
        for (var i = 0; i < routers.Count; i++)
            if (routers[i].Address == address)
            {
                router = routers[i];
                return true;
            }
        router = default;
        return false;
    }
}
