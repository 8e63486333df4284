using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// When an ISATAP tunnel asks which of its default routers: three times in a row at first (RFC 4861, 6.3.7), every two minutes
/// while one does not answer, and once half of what it advertised has run out (RFC 5214, 8.3.4).
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class RouterSolicitations(TimeProvider time)
{
    private const int MaxSolicitations = 3; // MAX_RTR_SOLICITATIONS
    private const int AdvertisementSize = 16; // RFC 4861, 4.2
    private const byte HopLimit = 255;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(4); // RTR_SOLICITATION_INTERVAL
    private static readonly TimeSpan s_leastInterval = TimeSpan.FromSeconds(120); // MinRouterSolicitInterval

    private readonly long _start = time.GetTimestamp();
    private readonly List<Schedule> _schedules = [];

    /// <summary>Whether there is nobody to ask.</summary>
    public bool IsEmpty => _schedules.Count == 0;

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Takes over a new list; those who stay on it keep their time, new ones are asked at once.</summary>
    public void Follow(IReadOnlyList<PotentialRouter> routers)
    {
        _schedules.RemoveAll(schedule => !routers.TryFind(schedule.Router, out var router) || !router.IsDefault);
        foreach (var router in routers)
            if (router.IsDefault && !_schedules.Exists(schedule => schedule.Router == router.Address))
                _schedules.Add(new(router.Address));
    }

    /// <summary>Begins anew, for the device was down.</summary>
    public void Restart()
    {
        foreach (var schedule in _schedules)
            (schedule.Due, schedule.Sent) = (TimeSpan.Zero, 0);
    }

    /// <summary>A router that is to be asked now, and its next time; false when there is none (any more).</summary>
    public bool TryTakeDue(out IPv4Address router)
    {
        foreach (var schedule in _schedules)
            if (Now >= schedule.Due)
            {
                router = schedule.Router;
                schedule.Due = Now + (++schedule.Sent < MaxSolicitations ? s_interval : s_leastInterval);
                return true;
            }
        router = default;
        return false;
    }

    /// <summary>A router has advertised itself.</summary>
    public void Heard(IPv4Address router, IPv6Header packet)
    {
        if (packet.HopLimit != HopLimit || !packet.Source.IsLinkLocal || packet.Payload.Length < AdvertisementSize)
            return;
        foreach (var schedule in _schedules)
            if (schedule.Router == router)
            {
                var half = LeastLifetime(packet.Payload) / 2;
                (schedule.Due, schedule.Sent) = (Now + (half > s_leastInterval ? half : s_leastInterval), 0);
            }
    }

    // Of the router itself, and of the prefixes, routes and name servers that it tells of.
    private static TimeSpan LeastLifetime(ReadOnlySpan<byte> advertisement)
    {
        var least = Shorter(uint.MaxValue, BinaryPrimitives.ReadUInt16BigEndian(advertisement[6..]));
        for (var options = advertisement[AdvertisementSize..]; options.Length >= 8;)
        {
            var length = options[1] * 8;
            if (length == 0 || length > options.Length)
                break;
            if (options[0] is 3 or 24 or 25 or 31)
                least = Shorter(least, BinaryPrimitives.ReadUInt32BigEndian(options[4..]));
            if (options[0] == 3 && length >= 16)
                least = Shorter(least, BinaryPrimitives.ReadUInt32BigEndian(options[8..]));
            options = options[length..];
        }
        return least == uint.MaxValue ? TimeSpan.Zero : TimeSpan.FromSeconds(least);
    }

    // 0 takes something back and asks for nothing.
    private static uint Shorter(uint least, uint lifetime) => lifetime == 0 ? least : Math.Min(least, lifetime);

    private sealed class Schedule(IPv4Address router)
    {
        public IPv4Address Router { get; } = router;

        public TimeSpan Due { get; set; }

        public int Sent { get; set; }
    }
}
