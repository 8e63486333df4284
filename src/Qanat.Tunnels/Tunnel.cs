using Qanat.Packets;
using Qanat.Tunnels.Modes;

namespace Qanat.Tunnels;

/// <summary>
/// One tunnel: a device's identity, the parameters that users set, the counters, and what the engine remembers of its path.
/// </summary>
/// <param name="index">The device's interface index, its identity for life.</param>
/// <param name="name">The device's name.</param>
/// <param name="parameters">What the user set.</param>
public sealed class Tunnel(int index, string name, TunnelParameters parameters)
{
    private TunnelParameters _parameters = parameters;
    private ushort[] _sourcePorts = [];

    /// <summary>The device's interface index.</summary>
    public int Index { get; } = index;

    /// <summary>The device's name, which may change (<c>ip link set ... name</c>).</summary>
    public string Name { get; set; } = name;

    /// <summary>What the user set.</summary>
    public TunnelParameters Parameters
    {
        get => _parameters;
        internal set => (_parameters, Mode) = (value, TunnelModes.Of(value));
    }

    /// <summary>True while the device is up; a tunnel that is down receives nothing.</summary>
    public bool Up { get; set; }

    /// <summary>The way into the device, for packets that come out of the tunnel.</summary>
    public PacketQueue? Device { get; set; }

    /// <summary>What may be joined into super-packets for the device, and the device's MTU.</summary>
    public CoalescerOptions Coalescing { get; set; }

    /// <summary>The UDP source ports that there are for it, of those that its parameters allow; empty for all of these.</summary>
    public IReadOnlyList<ushort> SourcePorts { get => _sourcePorts; set => _sourcePorts = [.. value]; }

    /// <summary>The counters.</summary>
    public TunnelCounters Counters { get; } = new();

    /// <summary>One of <see cref="SourcePorts"/>, by the flow of the inner packet that is under way; 0 when there are none.</summary>
    internal ushort SourcePort => _sourcePorts.Length > 0 ? _sourcePorts[(int)((ulong)Flow * (uint)_sourcePorts.Length >> 32)] : (ushort)0;

    /// <summary>Those who watch its packets.</summary>
    internal JourneyObservers Journeys { get; } = new();

    /// <summary>What the tunnel's mode does.</summary>
    internal Mode Mode { get; private set; } = TunnelModes.Of(parameters);

    /// <summary>Where Ethernet addresses are, if the mode switches frames.</summary>
    internal Forwarding? Forwarding { get; set; }

    /// <summary>The flow of the inner packet that is under way; see <see cref="FlowHash"/>.</summary>
    internal uint Flow { get; set; }

    /// <summary>The checksum of that packet which the far end is to complete; null for none.</summary>
    internal RemoteChecksum? RemoteChecksum { get; set; }

    /// <summary>The IP id of the next outer packet: it counts up, DF or not, as the kernel's does.</summary>
    internal ushort NextId { get; set; } = (ushort)Random.Shared.Next();

    /// <summary>The sequence number of the next packet that leaves.</summary>
    internal uint NextOutput { get; set; }

    /// <summary>The least sequence number of the next packet that arrives; 0 before the first.</summary>
    internal uint NextInput { get; set; }

    /// <summary>The route of the last outer packet, good while nothing changed.</summary>
    internal CachedRoute Route { get; set; }

    /// <summary>ICMP errors about outer packets that the inner senders have not heard of yet.</summary>
    internal LinkFailures Failures;

    /// <summary>ISATAP's questions to its routers; null without any to ask.</summary>
    internal RouterSolicitations? Solicitations { get; set; }

    /// <summary>Lets somebody watch the tunnel's packets. May be called from any thread.</summary>
    public void AddObserver(IJourneyObserver observer) => Journeys.Add(observer);

    /// <summary>Ends that; a call may still be under way. May be called from any thread.</summary>
    public void RemoveObserver(IJourneyObserver observer) => Journeys.Remove(observer);

    /// <summary>A route, what was asked for, and the state of the world when it was answered.</summary>
    internal readonly record struct CachedRoute(OuterRouteQuery Query, long Generation, OuterRoute Route);
}
