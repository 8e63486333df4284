using Qanat.Daemon.State;
using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>A tunnel that the daemon keeps.</summary>
/// <param name="Index">Its device's index.</param>
/// <param name="Name">Its device's name, as last heard.</param>
/// <param name="Parameters">What the user set.</param>
/// <param name="Running">The data plane's part; null when that could not attach to the device, which is tried again.</param>
/// <param name="IsFallback">True for a fallback device, which comes with its mode's first tunnel and goes with the last.</param>
internal sealed record KeptTunnel(int Index, string Name, TunnelParameters Parameters, Tunnel? Running, bool IsFallback = false)
{
    /// <summary>The tunnel for the state file.</summary>
    /// <param name="phase">How far it has come.</param>
    /// <param name="pendingMtu">The MTU that its device is about to get, or 0.</param>
    public StateEntry ToState(StatePhase phase = StatePhase.Live, int pendingMtu = 0) => new()
    {
        Phase = phase,
        Index = Index,
        Spec = TunnelSpecs.Describe(Name, Parameters with { Link = 0 }, link: null),
        Link = Parameters.Link,
        PendingMtu = pendingMtu,
        IsFallback = IsFallback,
    };

    /// <summary>The tunnel that an entry of the state file describes; null when the entry makes no sense.</summary>
    public static KeptTunnel? FromState(StateEntry entry)
    {
        if (entry is not { Link: >= 0, PendingMtu: >= 0 } || !Enum.IsDefined(entry.Phase) ||
            entry.Index > 0 != (entry.Phase != StatePhase.Adding) || !TunnelNames.IsValid(entry.Spec.Name))
            return null;
        try
        {
            var parameters = TunnelSpecs.Parse("recover", entry.Spec) with { PathMtuDiscovery = entry.Spec.Pmtudisc, Link = entry.Link };
            return new(entry.Index, entry.Spec.Name, parameters, Running: null, entry.IsFallback);
        }
        catch (LinuxException)
        {
            return null;
        }
    }
}
