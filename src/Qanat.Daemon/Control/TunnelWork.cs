using Qanat.Daemon.Api;
using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>One thing that the control plane is to do, and what became of it.</summary>
internal abstract class TunnelWork
{
    /// <summary>The tunnel as it is to be, once that is settled; of a removal, as it was.</summary>
    public KeptTunnel? Tunnel { get; set; }

    /// <summary>Why it was not done.</summary>
    public LinuxException? Fault { get; set; }

    /// <summary>True while nothing stands against it.</summary>
    public bool IsSound => Fault is null;
}

/// <summary>A tunnel to be made.</summary>
/// <param name="spec">As it was described.</param>
internal sealed class Addition(TunnelSpec spec) : TunnelWork
{
    /// <summary>As it was described.</summary>
    public TunnelSpec Spec { get; } = spec;

    /// <summary>True when it is a fallback device that nobody asked for.</summary>
    public bool IsFallback { get; init; }

    /// <summary>The MTU that its device starts with.</summary>
    public int Mtu { get; set; }
}

/// <summary>A tunnel to be changed.</summary>
/// <param name="name">The device's name.</param>
/// <param name="wanted">What it is to be, from what it is.</param>
internal sealed class Alteration(string name, Func<KeptTunnel, TunnelParameters> wanted) : TunnelWork
{
    /// <summary>The device's name.</summary>
    public string Name { get; } = name;

    /// <summary>The tunnel as it is.</summary>
    public KeptTunnel? Before { get; set; }

    /// <summary>The device's MTU as it is.</summary>
    public int MtuBefore { get; set; }

    /// <summary>The MTU that the device is to get; 0 when it stays.</summary>
    public int Mtu { get; set; }

    /// <summary>What it is to be.</summary>
    public TunnelParameters Wanted(KeptTunnel kept) => wanted(kept);
}

/// <summary>A tunnel to be removed.</summary>
/// <param name="name">The device's name.</param>
internal sealed class Removal(string name) : TunnelWork
{
    /// <summary>The device's name.</summary>
    public string Name { get; } = name;

    /// <summary>True for a fallback device whose mode has no other tunnel left.</summary>
    public bool IsFallback { get; init; }
}
