using Qanat.Daemon.State;
using Qanat.Tunnels;
using Qanat.Tunnels.Modes;

namespace Qanat.Daemon.Control;

/// <summary>A tunnel that the daemon keeps.</summary>
/// <param name="Index">Its device's index.</param>
/// <param name="Name">Its device's name, as last heard.</param>
/// <param name="Parameters">What the user set.</param>
/// <param name="Running">The data plane's part; null when that could not attach to the device, which is tried again.</param>
internal sealed record KeptTunnel(int Index, string Name, TunnelParameters Parameters, Tunnel? Running)
{
    /// <summary>The tunnel for the state file.</summary>
    /// <param name="phase">How far it has come.</param>
    /// <param name="pendingMtu">The MTU that its device is about to get, or 0.</param>
    public StateEntry ToState(StatePhase phase = StatePhase.Live, int pendingMtu = 0) => new()
    {
        Phase = phase,
        Index = Index,
        Name = Name,
        Mode = TunnelModes.Name(Parameters.Mode),
        Local = TunnelSpecs.Text(Parameters.Local),
        Remote = TunnelSpecs.Text(Parameters.Remote),
        Ttl = Parameters.Ttl,
        Tos = Parameters.Tos,
        Pmtudisc = Parameters.PathMtuDiscovery,
        Link = Parameters.Link,
        PendingMtu = pendingMtu,
    };

    /// <summary>The tunnel that an entry of the state file describes; null when the entry makes no sense.</summary>
    public static KeptTunnel? FromState(StateEntry entry) =>
        entry is { Link: >= 0, PendingMtu: >= 0 } && Enum.IsDefined(entry.Phase) && entry.Index > 0 == (entry.Phase != StatePhase.Adding) &&
        TunnelNames.IsValid(entry.Name) && TunnelModes.TryParse(entry.Mode, out var mode) &&
        TunnelSpecs.TryParseAddress(entry.Local, out var local) && TunnelSpecs.TryParseAddress(entry.Remote, out var remote)
            ? new(entry.Index, entry.Name, new()
            {
                Mode = mode,
                Local = local,
                Remote = remote,
                Ttl = entry.Ttl,
                Tos = entry.Tos,
                PathMtuDiscovery = entry.Pmtudisc,
                Link = entry.Link,
            }, Running: null)
            : null;
}
