using Qanat.Daemon.Api;
using Qanat.Daemon.Devices;
using Qanat.Daemon.State;
using Qanat.Linux;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>How an entry is added to a forwarding table (NLM_F_EXCL, NLM_F_APPEND, NLM_F_REPLACE).</summary>
internal enum FdbVerb
{
    /// <summary>The address must have no entry yet.</summary>
    Add,

    /// <summary>A group address, or the one of all zeroes, gets one more destination.</summary>
    Append,

    /// <summary>The destination takes the place of others.</summary>
    Replace,
}

/// <summary>
/// The forwarding tables of VXLAN, by the kernel's rules and with its error numbers (drivers/net/vxlan/vxlan_core.c). The data plane
/// holds them, for they learn; what users made is kept here as well, and put back whenever a tunnel runs anew.
/// </summary>
/// <param name="plane">Holds the tables; null for a data plane that has none.</param>
/// <param name="tunnels">The tunnels that are kept.</param>
/// <param name="find">The tunnel of a name; throws as <see cref="TunnelManager.GetKept"/>.</param>
/// <param name="devices">The devices that entries name.</param>
/// <param name="store">The file.</param>
/// <param name="log">The log.</param>
internal sealed class FdbManager(
    IFdbPlane? plane, Func<IReadOnlyList<KeptTunnel>> tunnels, Func<string, KeptTunnel> find, ITunnelDevices devices,
    EntryStore<KeptFdbEntry> store, DaemonLog log)
    : Keeper<KeptFdbEntry>(store, log)
{
    private const int EAFNOSUPPORT = 97; // asm-generic/errno.h
    private readonly Dictionary<int, Tunnel> _filled = []; // the tunnels that have their entries, by index; the writer's alone

    /// <summary>The table of a tunnel, the default destination first.</summary>
    /// <exception cref="LinuxException">ENODEV: no such device. EOPNOTSUPP: it has no such table.</exception>
    public async Task<FdbEntry[]> ListAsync(string name)
    {
        var tunnel = Find("list fdb", name, out var running);
        var records = await Plane.ListAsync(running).ConfigureAwait(false);
        var others = records.Where(record => !IsDefault(tunnel, record));
        return [.. Default(tunnel).Concat(others).Select(record => FdbRecords.Describe(record, devices))];
    }

    /// <summary>Adds an entry.</summary>
    /// <exception cref="LinuxException">
    /// EEXIST: the address has one. EOPNOTSUPP: group addresses are not replaced, or the tunnel has no such table. EAFNOSUPPORT: the
    /// destination is of the other family. ENOSPC: the table is full. EINVAL, ENODEV: it makes no sense.
    /// </exception>
    public Task AddAsync(string name, FdbEntry entry, FdbVerb verb) => Alone(async () =>
    {
        var tunnel = Find("add fdb entry", name, out var running);
        var added = FdbRecords.Parse("add fdb entry", entry, devices);
        added = added with { Destination = Normalize(tunnel, added.Destination) };
        if (added.Destination.Address.IsIPv6 != IsIPv6(tunnel))
            throw new LinuxException("add fdb entry", EAFNOSUPPORT, "dst: an address of the tunnel's family is expected");
        var group = added.Address.IsMulticast || added.Address == default;
        if (verb == FdbVerb.Replace && group)
            throw new LinuxException("add fdb entry", Errno.EOPNOTSUPP, "Cannot replace non-unicast fdb entries");
        var table = await Plane.ListAsync(running).ConfigureAwait(false);
        var present = Default(tunnel).Concat(table).Where(record => record.Address == added.Address).ToList();
        if (verb == FdbVerb.Add && present.Count > 0)
            throw new LinuxException("add fdb entry", Errno.EEXIST, $"{added.Address} has an entry");
        if (verb == FdbVerb.Append && present.Count > 0 && !group)
            return; // the kernel takes it, and leaves the entry as it is
        if (present.Any(record => record.Destination == added.Destination) && verb == FdbVerb.Append)
            return;
        var limit = tunnel.Parameters.Vxlan!.MaxAddresses;
        if (present.Count == 0 && limit > 0 && table.Select(record => record.Address).Distinct().Count() >= limit)
            throw new LinuxException("add fdb entry", Errno.ENOSPC, $"the table has its {limit} addresses");

        var replaced = verb == FdbVerb.Replace ? present : [];
        var others = Entries.Where(kept => verb != FdbVerb.Replace || !Is(kept, tunnel, added.Address));
        var described = FdbRecords.Describe(added, devices);
        Keep([.. others, new KeptFdbEntry(tunnel.Index, described)]);
        foreach (var record in replaced)
            await Plane.RemoveAsync(running, record.Address, record.Destination).ConfigureAwait(false);
        await Plane.AddAsync(running, added).ConfigureAwait(false);
        _filled[tunnel.Index] = running;
    });

    /// <summary>Removes a destination of an address, or all of them.</summary>
    /// <param name="name">The tunnel.</param>
    /// <param name="mac">The Ethernet address.</param>
    /// <param name="destination">Which destination, as the entry has it; null for all. One that is not there is no error.</param>
    /// <exception cref="LinuxException">ENOENT: the address has no entry. EBUSY: it is the tunnel's own default.</exception>
    public Task RemoveAsync(string name, string mac, Func<ITunnelDevices, FdbDestination?> destination) => Alone(async () =>
    {
        var tunnel = Find("delete fdb entry", name, out var running);
        var address = FdbRecords.Mac("delete fdb entry", mac);
        FdbDestination? wanted = destination(devices) is { } named ? Normalize(tunnel, named) : null;
        var table = await Plane.ListAsync(running).ConfigureAwait(false);
        var present = table.Where(record => record.Address == address && !IsDefault(tunnel, record)).ToList();
        var own = Default(tunnel).Any(record => record.Address == address);
        if (present.Count == 0 && !own)
            throw new LinuxException("delete fdb entry", Errno.ENOENT, $"{address} has no entry");
        if (own && (wanted is null ? present.Count == 0 : Default(tunnel).Any(record => record.Destination == wanted)))
            throw new LinuxException("delete fdb entry", Errno.EBUSY,
                $"it is the tunnel's own; qanat link set {name} type vxlan remote 0.0.0.0 takes it away");
        await RemoveAsync(tunnel, running, present.Where(record => wanted is null || record.Destination == wanted)).ConfigureAwait(false);
    });

    /// <summary>Removes the entries that a filter takes, those that were learnt among them. The tunnel's own default stays.</summary>
    /// <exception cref="LinuxException">EINVAL: the filter makes no sense. Others as <see cref="ListAsync"/>.</exception>
    public Task FlushAsync(string name, FdbFilter filter) => Alone(async () =>
    {
        var tunnel = Find("flush fdb", name, out var running);
        var takes = FdbRecords.Selector("flush fdb", filter, tunnel.Parameters.Vxlan!);
        var table = await Plane.ListAsync(running).ConfigureAwait(false);
        await RemoveAsync(tunnel, running, table.Where(record => !IsDefault(tunnel, record) && takes(record))).ConfigureAwait(false);
    });

    /// <inheritdoc/>
    protected override async Task EnforceAsync(bool tell)
    {
        var kept = tunnels().ToDictionary(tunnel => tunnel.Index);
        if (Entries.Any(entry => !kept.ContainsKey(entry.Index)))
            Keep([.. Entries.Where(entry => kept.ContainsKey(entry.Index))]);
        foreach (var gone in _filled.Keys.Where(index => !kept.ContainsKey(index)).ToList())
            _filled.Remove(gone);
        foreach (var entries in Entries.GroupBy(entry => entry.Index))
        {
            if (kept[entries.Key].Running is not { } running || _filled.GetValueOrDefault(entries.Key) == running)
                continue;
            foreach (var entry in entries)
                await RestoreAsync(running, entry.Entry).ConfigureAwait(false);
            _filled[entries.Key] = running;
        }
    }

    /// <inheritdoc/>
    protected override Task ReleaseAsync(KeptFdbEntry entry) => Task.CompletedTask; // it goes with the tunnel

    private async Task RemoveAsync(KeptTunnel tunnel, Tunnel running, IEnumerable<FdbRecord> records)
    {
        List<FdbRecord> removed = [.. records];
        var gone = removed.Select(record => Identity(FdbRecords.Describe(record, devices))).ToHashSet();
        Keep([.. Entries.Where(kept => kept.Index != tunnel.Index || !gone.Contains(Identity(kept.Entry)))]);
        foreach (var record in removed)
            await Plane.RemoveAsync(running, record.Address, record.Destination).ConfigureAwait(false);
    }

    private async Task RestoreAsync(Tunnel tunnel, FdbEntry entry)
    {
        try
        {
            await Plane.AddAsync(tunnel, FdbRecords.Parse("restore fdb entry", entry, devices)).ConfigureAwait(false);
        }
        catch (LinuxException fault)
        {
            Log.Write($"{tunnel.Name}: the entry of {entry.Mac} cannot be restored: {fault.Message}");
        }
    }

    private IFdbPlane Plane =>
        plane ?? throw new LinuxException("fdb", Errno.EOPNOTSUPP, "this data path has no forwarding tables");

    private KeptTunnel Find(string operation, string name, out Tunnel running)
    {
        var tunnel = find(name);
        if (tunnel.Parameters.Vxlan is null)
            throw new LinuxException(operation, Errno.EOPNOTSUPP, $"\"{name}\" has no forwarding table: it is not of mode vxlan");
        running = tunnel.Running ?? throw new LinuxException(operation, Errno.EAGAIN, "it waits for its device");
        return tunnel;
    }

    // The tunnel's remote, which takes what no entry is for.
    private static IEnumerable<FdbRecord> Default(KeptTunnel tunnel) =>
        tunnel.Parameters.Remote.IsAny ? [] : [new(default, new(tunnel.Parameters.Remote))];

    // The plane's table has it among the others.
    private static bool IsDefault(KeptTunnel tunnel, FdbRecord record) =>
        Default(tunnel).Any(own => (own.Address, own.Destination) == (record.Address, record.Destination));

    // A port or an identifier that is the tunnel's own goes without saying.
    private static FdbDestination Normalize(KeptTunnel tunnel, FdbDestination destination) => destination with
    {
        Port = destination.Port == tunnel.Parameters.Vxlan!.Port ? (ushort)0 : destination.Port,
        Vni = destination.Vni == tunnel.Parameters.Vxlan.Id ? null : destination.Vni,
    };

    private static bool IsIPv6(KeptTunnel tunnel) => tunnel.Parameters.Remote.IsIPv6 || tunnel.Parameters.Local.IsIPv6;

    private static (string Mac, string Dst, int? Port, uint? Vni, string? Via) Identity(FdbEntry entry) =>
        (entry.Mac, entry.Dst, entry.Port, entry.Vni, entry.Via);

    private static bool Is(KeptFdbEntry kept, KeptTunnel tunnel, MacAddress address) =>
        kept.Index == tunnel.Index && kept.Entry.Mac == address.ToString();
}
