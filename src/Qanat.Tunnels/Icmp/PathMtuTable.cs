using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// What ICMP taught about the MTU of paths: an entry a destination, kept for ten minutes as the kernel does
/// (net/ipv4/route.c: ip_rt_mtu_expires, ip_rt_min_pmtu). Bounded, since anyone may send such messages.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class PathMtuTable(TimeProvider time)
{
    /// <summary>How long a learnt MTU is believed.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Smaller announcements are not believed: the MTU then becomes this, and DF is given up.</summary>
    public const int Minimum = 552;

    private const int Limit = 4096;

    private readonly Dictionary<IpAddress, Entry> _entries = [];

    /// <summary>Counts up with each thing learnt, so that a cached answer can be recognised as old.</summary>
    public int Generation { get; private set; }

    /// <summary>Learns what one packet to <paramref name="destination"/> may have at most now.</summary>
    /// <param name="destination">The far end of the path.</param>
    /// <param name="mtu">The MTU that was announced, in bytes.</param>
    /// <param name="routeMtu">The MTU of the route there, in bytes.</param>
    /// <returns>True when that is news: smaller than what was known.</returns>
    public bool Learn(IpAddress destination, int mtu, int routeMtu)
    {
        var locked = !destination.IsIPv6 && mtu < Minimum;
        if (locked)
            mtu = Math.Min(Minimum, routeMtu);
        else if (destination.IsIPv6)
            mtu = Math.Max(mtu, IPv6Header.MinimumMtu);
        var known = TryGet(destination, out var entry) ? entry.Mtu : routeMtu;
        if (mtu > known || (mtu == known && entry.Mtu == 0))
            return false;
        if (_entries.Count >= Limit && !_entries.ContainsKey(destination))
            _entries.Clear();
        _entries[destination] = new(mtu, locked, time.GetTimestamp());
        Generation++;
        return true;
    }

    /// <summary>Narrows <paramref name="route"/> to what is known of the path to <paramref name="destination"/>.</summary>
    public OuterRoute Apply(IpAddress destination, OuterRoute route) =>
        _entries.Count > 0 && TryGet(destination, out var entry) && entry.Mtu < route.Mtu
            ? route with { Mtu = entry.Mtu, MtuLocked = route.MtuLocked || entry.Locked }
            : route;

    private bool TryGet(IpAddress destination, out Entry entry)
    {
        if (!_entries.TryGetValue(destination, out entry))
            return false;
        if (time.GetElapsedTime(entry.Learnt) < Lifetime)
            return true;
        _entries.Remove(destination);
        Generation++;
        entry = default;
        return false;
    }

    private readonly record struct Entry(int Mtu, bool Locked, long Learnt);
}
