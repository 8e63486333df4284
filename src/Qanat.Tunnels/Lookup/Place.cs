using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>Where a tunnel stands in its group's table: what arriving packets must have, any being 0.</summary>
/// <param name="Local">Our end, or a group.</param>
/// <param name="Remote">The far end.</param>
/// <param name="Key">The key, or null where packets have none.</param>
internal readonly record struct Place(IpAddress Local, IpAddress Remote, ulong? Key)
{
    /// <summary>The place of a tunnel that is found by its key alone.</summary>
    public static Place OfKey(bool isIPv6, ulong key) => new(IpAddress.Any(isIPv6), IpAddress.Any(isIPv6), key);
}
