using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// Where Ethernet addresses are, beyond a tunnel: what users say, and what is learnt from the frames that arrive
/// (drivers/net/vxlan/vxlan_core.c: vxlan_find_mac, vxlan_snoop). Belongs to the worker; bounded, since anyone may send frames.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ForwardingTable(TimeProvider time)
{
    /// <summary>The most addresses that are learnt where the user sets no limit.</summary>
    public const int DefaultLimit = 65_536;

    /// <summary>The address of the entry whose destinations get what no other entry is for.</summary>
    public static readonly MacAddress Default;

    private readonly Dictionary<MacAddress, Entry> _entries = [];
    private int _learnt;

    // Frames from one address come in rows: within a batch it is learnt once.
    private (MacAddress Address, IpAddress FarEnd)? _latest;

    /// <summary>The destinations of frames to <paramref name="address"/>; none when it is not known, or was learnt too long ago.</summary>
    /// <param name="address">The Ethernet address.</param>
    /// <param name="ageing">How long what was learnt is believed; zero for ever.</param>
    public ReadOnlySpan<FdbDestination> Find(MacAddress address, TimeSpan ageing)
    {
        if (!_entries.TryGetValue(address, out var entry))
            return [];
        if (entry.State == FdbState.Dynamic && ageing > TimeSpan.Zero && time.GetElapsedTime(entry.Updated) >= ageing)
        {
            Forget(address, entry);
            return [];
        }
        entry.Used = time.GetTimestamp();
        return entry.Destinations;
    }

    /// <summary>Learns that <paramref name="address"/> is behind <paramref name="farEnd"/>, as a frame from there says.</summary>
    /// <returns>False when the frame is to be dropped: a user's entry says that the address is elsewhere.</returns>
    public bool Learn(MacAddress address, IpAddress farEnd, int limit)
    {
        if (_latest is { } latest && latest.Address == address && latest.FarEnd == farEnd)
            return true;
        if (_entries.TryGetValue(address, out var entry))
        {
            entry.Updated = time.GetTimestamp();
            if (entry.Destinations[0].Address == farEnd)
            {
                _latest = (address, farEnd);
                return true;
            }
            if (entry.State != FdbState.Dynamic || entry.Sticky)
                return false;
            entry.Destinations[0] = new(farEnd);
            return true;
        }
        if (_learnt >= (limit > 0 ? Math.Min(limit, DefaultLimit) : DefaultLimit))
            return true;
        Insert(address, new(new FdbDestination(farEnd)) { State = FdbState.Dynamic, Learnt = true });
        return true;
    }

    /// <summary>A frame from <paramref name="address"/>, if that is known, came from where it was before.</summary>
    public void Refresh(MacAddress address)
    {
        if (_entries.TryGetValue(address, out var entry))
            entry.Updated = time.GetTimestamp();
    }

    /// <summary>Ends a batch: time goes on.</summary>
    public void EndBatch() => _latest = null;

    /// <summary>Adds a destination to an address. One that is there is given the new state.</summary>
    public void Add(FdbRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (!_entries.TryGetValue(record.Address, out var entry))
            Insert(record.Address, entry = new(record.Destination));
        else if (!entry.Destinations.Contains(record.Destination))
            entry.Destinations = [.. entry.Destinations, record.Destination];
        if (entry.Learnt)
            (entry.Learnt, _learnt) = (false, _learnt - 1);
        (entry.State, entry.Sticky, entry.ExternLearn) = (record.State, record.Sticky, record.ExternLearn);
        entry.Updated = time.GetTimestamp();
    }

    /// <summary>Removes a destination of an address; what is not there is no error.</summary>
    public void Remove(MacAddress address, FdbDestination destination)
    {
        if (!_entries.TryGetValue(address, out var entry))
            return;
        entry.Destinations = [.. entry.Destinations.Where(other => other != destination)];
        if (entry.Destinations.Length == 0)
            Forget(address, entry);
    }

    /// <summary>All of it, what was learnt too long ago left out.</summary>
    public IReadOnlyList<FdbRecord> List(TimeSpan ageing)
    {
        foreach (var (address, entry) in _entries.ToArray())
            if (entry.State == FdbState.Dynamic && ageing > TimeSpan.Zero && time.GetElapsedTime(entry.Updated) >= ageing)
                Forget(address, entry);
        return [.. from pair in _entries
                   let entry = pair.Value
                   orderby entry.Order
                   from destination in entry.Destinations
                   select new FdbRecord(pair.Key, destination, entry.State, entry.Sticky, entry.ExternLearn,
                       time.GetElapsedTime(entry.Used), time.GetElapsedTime(entry.Updated))];
    }

    private void Insert(MacAddress address, Entry entry)
    {
        entry.Used = entry.Updated = time.GetTimestamp();
        _entries[address] = entry;
        _learnt += entry.Learnt ? 1 : 0;
    }

    private void Forget(MacAddress address, Entry entry)
    {
        _entries.Remove(address);
        _learnt -= entry.Learnt ? 1 : 0;
    }

    private sealed class Entry(FdbDestination first)
    {
        private static long s_count;

        public FdbDestination[] Destinations { get; set; } = [first];

        public FdbState State { get; set; }

        public bool Sticky { get; set; }

        public bool ExternLearn { get; set; }

        /// <summary>Counts against the limit.</summary>
        public bool Learnt { get; set; }

        public long Used { get; set; }

        public long Updated { get; set; }

        public long Order { get; } = Interlocked.Increment(ref s_count);
    }
}
