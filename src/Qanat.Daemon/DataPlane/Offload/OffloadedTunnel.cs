using Qanat.Linux.Bpf;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane.Offload;

/// <summary>A tunnel whose packets the kernel moves: its program, and what the maps hold of it. Belongs to the worker.</summary>
internal sealed class OffloadedTunnel : IDisposable
{
    private readonly Tunnel _tunnel;
    private readonly OffloadMaps _maps;
    private readonly HashSet<MacAddress> _addresses = [];
    private readonly long[] _collected = new long[CounterRow.Size / sizeof(long)], _sums = new long[CounterRow.Size / sizeof(long)];
    private (BpfProgram Program, BpfLink Link) _departures;

    /// <summary>Begins.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="maps">Where the programs look.</param>
    /// <param name="slot">A row of counters that nobody has.</param>
    /// <exception cref="Qanat.Linux.LinuxException">The kernel refused; nothing is left then.</exception>
    public OffloadedTunnel(Tunnel tunnel, OffloadPlan plan, OffloadMaps maps, uint slot)
    {
        (_tunnel, _maps, Slot, Plan) = (tunnel, maps, slot, plan);
        _maps.Counters.SumPerCpu(slot, _collected);
        _departures = Attach(plan);
        Admit(plan);
    }

    /// <summary>The plan that holds.</summary>
    public OffloadPlan Plan { get; private set; }

    /// <summary>Its row of counters.</summary>
    public uint Slot { get; }

    /// <summary>Has another plan hold; no packet is lost.</summary>
    /// <exception cref="Qanat.Linux.LinuxException">The kernel refused; the plan is the one before.</exception>
    public void Change(OffloadPlan plan)
    {
        var (before, departures) = (Plan, Attach(plan));
        Admit(plan);
        Release(_departures);
        (_departures, Plan) = (departures, plan);
        if (before.Arrives != plan.Arrives)
            Dismiss(before);
    }

    /// <summary>Takes over what the programs have counted and heard, and tells them which addresses are known.</summary>
    public void Collect()
    {
        _maps.Counters.SumPerCpu(Slot, _sums);
        var counters = _tunnel.Counters;
        counters.TxPackets += New(CounterRow.TxPackets);
        counters.TxBytes += New(CounterRow.TxBytes);
        counters.RxPackets += New(CounterRow.RxPackets);
        counters.RxBytes += New(CounterRow.RxBytes);
        _sums.CopyTo(_collected, 0);
        if (Plan.Learns)
            FollowAddresses();
    }

    public void Dispose()
    {
        Collect();
        Release(_departures);
        Dismiss(Plan);
        foreach (var address in _addresses)
            _maps.RemoveAddress(AddressKey.Of(Slot, address));
    }

    private static void Release((BpfProgram Program, BpfLink Link) departures)
    {
        departures.Link.Dispose();
        departures.Program.Dispose();
    }

    private (BpfProgram, BpfLink) Attach(OffloadPlan plan)
    {
        var program = BpfProgram.LoadClassifier("qanat_out", EncapsulationProgram.Assemble(plan, _maps.Counters, Slot));
        try
        {
            return (program, BpfLink.Attach(program, _tunnel.Index, BpfHook.TcxEgress));
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    private void Admit(OffloadPlan plan)
    {
        var flags = (plan.HeadersOfIPv4.Bytes.IsEmpty ? 0 : MatchValue.IPv4) |
            (plan.HeadersOfIPv6.Bytes.IsEmpty ? 0 : MatchValue.IPv6) |
            (plan.Learns ? MatchValue.Learns : 0);
        _maps.Tunnels.Set(MatchKey.Of(plan.Arrives), new MatchValue((uint)_tunnel.Index, Slot, (uint)plan.MaxLength, flags));
    }

    // Unless another tunnel has the same packets arrive by now.
    private void Dismiss(OffloadPlan plan)
    {
        var key = MatchKey.Of(plan.Arrives);
        if (_maps.Tunnels.TryGet(key, out MatchValue value) && value.Slot == Slot)
            _maps.Tunnels.Remove(key);
    }

    private long New(int counter) => _sums[counter / sizeof(long)] - _collected[counter / sizeof(long)];

    // A frame from an address that the programs do not know comes to the daemon, which learns it.
    private void FollowAddresses()
    {
        var known = TunnelEngine.ListForwarding(_tunnel).Select(entry => entry.Address).ToHashSet();
        foreach (var address in _addresses.Where(address => !known.Contains(address)))
            _maps.RemoveAddress(AddressKey.Of(Slot, address));
        _addresses.IntersectWith(known);
        foreach (var address in known)
        {
            var key = AddressKey.Of(Slot, address);
            if (!_addresses.Contains(address) && _maps.TryAddAddress(key))
                _addresses.Add(address);
            else if (_maps.TakeHeard(key))
                TunnelEngine.RefreshForwarding(_tunnel, address);
        }
    }
}
