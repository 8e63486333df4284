using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The tunnels of one network namespace: what goes in at a device comes out on the wire, and the other
/// way about. Pure: it sees ports, an <see cref="IUnderlay"/> and a clock. All calls come from one worker.
/// </summary>
public sealed class TunnelEngine : IDisposable
{
    private readonly TunnelRegistry _tunnels = new();
    private readonly Encapsulator _encapsulator;
    private readonly Decapsulator _decapsulator;
    private readonly IcmpRelay _relay;

    /// <summary>Makes an engine without tunnels.</summary>
    /// <param name="underlay">The routes under the tunnels.</param>
    /// <param name="wire">Where outer packets go.</param>
    /// <param name="errors">Where the ICMP errors that we owe go: whole IPv4 packets, source 0.0.0.0 where the routes decide.</param>
    /// <param name="time">The clock; the system's when null.</param>
    public TunnelEngine(IUnderlay underlay, PacketQueue wire, PacketQueue errors, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var pathMtus = new PathMtuTable(time);
        var reporter = new IcmpReporter(errors, time);
        _encapsulator = new(underlay, pathMtus, wire, reporter, time);
        _decapsulator = new(_tunnels, wire, reporter);
        _relay = new(_tunnels, underlay, pathMtus, time);
    }

    /// <summary>Outer packets that no tunnel wanted; each was answered with port unreachable, within the limits of ICMP.</summary>
    public long Unclaimed => _decapsulator.Unclaimed;

    /// <summary>Outer packets that were no IPv4 packets.</summary>
    public long Malformed => _decapsulator.Malformed;

    /// <summary>Adds a tunnel. Its <see cref="Tunnel.Device"/> must be set.</summary>
    public void Add(Tunnel tunnel) => _tunnels.Add(tunnel);

    /// <summary>Gives a tunnel new parameters; packets before it have the old ones, those after it the new.</summary>
    public void Change(Tunnel tunnel, TunnelParameters parameters)
    {
        _tunnels.Change(tunnel, parameters);
        tunnel.Route = default;
    }

    /// <summary>Takes a tunnel out.</summary>
    public void Remove(Tunnel tunnel)
    {
        _tunnels.Remove(tunnel);
        tunnel.Journeys.End();
    }

    /// <summary>Encapsulates and sends what <paramref name="tunnel"/>'s device handed over (super-packets included).</summary>
    public void FromDevice(Tunnel tunnel, PacketBatch inner) => _encapsulator.Encapsulate(tunnel, inner);

    /// <summary>Decapsulates what came off the wire, whole IPv4 packets, and hands it to the devices.</summary>
    public void FromWire(PacketBatch outer) => _decapsulator.Decapsulate(outer);

    /// <summary>Takes in ICMP errors about outer packets, whole IPv4 packets.</summary>
    public void FromIcmp(PacketBatch errors) => _relay.Receive(errors);

    /// <inheritdoc/>
    public void Dispose() => _encapsulator.Dispose();
}
