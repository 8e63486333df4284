using Qanat.Ipsec;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The tunnels of one network namespace: what goes in at a device comes out on the wire, and the other
/// way about. Pure: it sees ports, an <see cref="IUnderlay"/> and a clock. All calls come from one worker.
/// </summary>
public sealed class TunnelEngine : IDisposable
{
    private readonly TunnelRegistry _tunnels = new();
    private readonly UdpServices _services = new();
    private readonly TimeProvider _time;
    private readonly OuterFragments _fragments;
    private readonly Encapsulator _encapsulator;
    private readonly Decapsulator _decapsulator;
    private readonly IcmpRelay _relay;
    private readonly Icmpv6Relay _relay6;
    private readonly RouterSolicitor _solicitor;
    private readonly OffloadPlanner _offloads;

    /// <summary>Makes an engine without tunnels.</summary>
    /// <param name="underlay">The routes under the tunnels.</param>
    /// <param name="wire">Where outer packets go.</param>
    /// <param name="errors">Where the ICMP errors that we owe go: whole IP packets, source 0.0.0.0 or :: where the routes decide.</param>
    /// <param name="time">The clock; the system's when null.</param>
    public TunnelEngine(IUnderlay underlay, PacketQueue wire, PacketQueue errors, TimeProvider? time = null)
    {
        _time = time ??= TimeProvider.System;
        Ipsec = new(time);
        var pathMtus = new PathMtuTable(time);
        var reporter = new IcmpReporter(errors, time);
        var routes = new OuterRoutes(underlay, pathMtus);
        _fragments = new(wire);
        var sealer = new IpsecEncapsulator(Ipsec, routes, wire, _fragments, reporter);
        _encapsulator = new(underlay, routes, sealer, wire, _fragments, reporter, time);
        _decapsulator = new(_tunnels, underlay, _services, Ipsec, wire, reporter);
        _relay = new(_tunnels, underlay, pathMtus, reporter, time);
        _relay6 = new(_tunnels, underlay, pathMtus, reporter, time);
        _solicitor = new(_encapsulator, time);
        _offloads = new(routes);
    }

    /// <summary>IPsec's states and policies, by which vti's packets are sealed and opened.</summary>
    public IpsecEngine Ipsec { get; }

    /// <summary>Outer packets that no tunnel wanted; each was answered with port unreachable, within the limits of ICMP.</summary>
    public long Unclaimed => _decapsulator.Unclaimed;

    /// <summary>Outer packets that were no IP packets, or whose tunnel header could not be read.</summary>
    public long Malformed => _decapsulator.Malformed;

    /// <summary>Adds a tunnel. Its <see cref="Tunnel.Device"/> must be set.</summary>
    public void Add(Tunnel tunnel)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        if (tunnel.Parameters.Vxlan is not null)
        {
            tunnel.Forwarding = new(_time);
            tunnel.Forwarding.SetRemote(default, tunnel.Parameters.Remote);
        }
        _tunnels.Add(tunnel);
        _solicitor.Follow(tunnel);
    }

    /// <summary>Gives a tunnel new parameters; packets before it have the old ones, those after it the new.</summary>
    public void Change(Tunnel tunnel, TunnelParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        ArgumentNullException.ThrowIfNull(parameters);
        tunnel.Forwarding?.SetRemote(tunnel.Parameters.Remote, parameters.Remote);
        _tunnels.Change(tunnel, parameters);
        tunnel.Route = default;
        _solicitor.Follow(tunnel);
    }

    /// <summary>Takes a tunnel out.</summary>
    public void Remove(Tunnel tunnel)
    {
        _tunnels.Remove(tunnel);
        _solicitor.Remove(tunnel);
        tunnel.Journeys.End();
    }

    /// <summary>What the forwarding table of a tunnel holds, what it learnt included.</summary>
    public static IReadOnlyList<FdbRecord> ListForwarding(Tunnel tunnel)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        return tunnel.Forwarding?.Table.List(TimeSpan.FromSeconds(tunnel.Parameters.Vxlan!.Ageing)) ?? [];
    }

    /// <summary>Adds a destination to an address in a tunnel's forwarding table. One that is there is given the new state.</summary>
    public static void AddForwarding(Tunnel tunnel, FdbRecord entry)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        tunnel.Forwarding?.Table.Add(entry);
    }

    /// <summary>Removes a destination of an address from a tunnel's forwarding table; what is not there is no error.</summary>
    public static void RemoveForwarding(Tunnel tunnel, MacAddress address, FdbDestination destination)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        tunnel.Forwarding?.Table.Remove(address, destination);
    }

    /// <summary>Says what the datagrams are that arrive at a UDP port, once more.</summary>
    /// <param name="local">The address that it is bound to, or any of its IP version.</param>
    /// <param name="port">The port.</param>
    /// <param name="service">What arrives there.</param>
    /// <param name="link">Index of the device that it is bound to; 0 for none.</param>
    /// <returns>False when something else arrives there already.</returns>
    public bool TryOpenPort(IpAddress local, ushort port, UdpService service, int link = 0) =>
        _services.TryOpen(local, port, link, service);

    /// <summary>One of those who said so needs it no more.</summary>
    public void ClosePort(IpAddress local, ushort port, int link = 0) => _services.Close(local, port, link);

    /// <summary>Encapsulates and sends what <paramref name="tunnel"/>'s device handed over (super-packets included).</summary>
    public void FromDevice(Tunnel tunnel, PacketBatch inner) => _encapsulator.Encapsulate(tunnel, inner);

    /// <summary>Decapsulates what came off the wire, whole IP packets, and hands it to the devices.</summary>
    public void FromWire(PacketBatch outer) => _decapsulator.Decapsulate(outer);

    /// <summary>Takes in ICMP and ICMPv6 errors about outer packets, whole IP packets.</summary>
    public void FromIcmp(PacketBatch errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        for (var i = 0; i < errors.Count; i++)
            if (errors[i].Length > 0 && InnerPacket.ProtocolOf(errors.Bytes(i)[0]) == EtherType.IPv6)
                _relay6.Receive(errors.Bytes(i), errors[i].Link);
            else
                _relay.Receive(errors.Bytes(i), errors[i].Link);
    }

    /// <summary>How a tunnel's packets can be moved elsewhere than here, as things are now; null when they cannot.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="obstacle">Why they cannot, for people.</param>
    public OffloadPlan? PlanOffload(Tunnel tunnel, out string? obstacle)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        return _offloads.Plan(tunnel, out obstacle);
    }

    /// <summary>The UDP ports where everything that arrives is of one kind, whoever sends it and however it arrives.</summary>
    public IEnumerable<KeyValuePair<ushort, UdpService>> OpenPorts => _services.Unbound;

    /// <summary>A frame from an Ethernet address arrived elsewhere than here, from where a tunnel's forwarding table has it.</summary>
    public static void RefreshForwarding(Tunnel tunnel, MacAddress address)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        tunnel.Forwarding?.Table.Refresh(address);
    }

    /// <summary>
    /// Sends the router solicitations of ISATAP tunnels that are due (RFC 5214, 8.3.4). To be called once a second or so.
    /// </summary>
    public void SolicitRouters() => _solicitor.Solicit();

    /// <inheritdoc/>
    public void Dispose()
    {
        _solicitor.Dispose();
        _fragments.Dispose();
        Ipsec.States.Flush(); // with their keys
    }
}
