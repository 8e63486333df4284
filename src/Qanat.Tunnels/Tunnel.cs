namespace Qanat.Tunnels;

/// <summary>One tunnel: a device's identity, the parameters that users set, and the counters.</summary>
/// <param name="index">The device's interface index, its identity for life.</param>
/// <param name="name">The device's name.</param>
/// <param name="parameters">What the user set.</param>
public sealed class Tunnel(int index, string name, TunnelParameters parameters)
{
    /// <summary>The device's interface index.</summary>
    public int Index { get; } = index;

    /// <summary>The device's name, which may change (<c>ip link set ... name</c>).</summary>
    public string Name { get; set; } = name;

    /// <summary>What the user set.</summary>
    public TunnelParameters Parameters { get; internal set; } = parameters;

    /// <summary>True while the device is up; a tunnel that is down receives nothing.</summary>
    public bool Up { get; set; }

    /// <summary>The device's MTU in bytes.</summary>
    public int Mtu { get; set; }

    /// <summary>The counters.</summary>
    public TunnelCounters Counters { get; } = new();
}
