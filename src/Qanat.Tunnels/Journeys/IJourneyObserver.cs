namespace Qanat.Tunnels;

/// <summary>The two sides of a tunnel that a packet is seen on.</summary>
public enum JourneySide
{
    /// <summary>At the device: what the tunnel carries.</summary>
    Inner,

    /// <summary>On the wire: what carries it.</summary>
    Outer,
}

/// <summary>
/// Watches the packets of a tunnel on their way through it, called by its worker; see <see cref="Tunnel.AddObserver"/>. The
/// bytes are good until the call returns.
/// </summary>
public interface IJourneyObserver
{
    /// <summary>A packet has come: an inner one on its way out, or an outer one on its way in.</summary>
    /// <param name="side">Where it has come.</param>
    /// <param name="packet">The packet. It may be a super-packet, and its checksum partial.</param>
    /// <param name="dropped">Why it goes no further; null when it does.</param>
    void OnBegin(JourneySide side, ReadOnlySpan<byte> packet, DropReason? dropped = null);

    /// <summary>The packet that came last goes on, as this one; a super-packet does so several times.</summary>
    /// <param name="side">Where it goes.</param>
    /// <param name="packet">What it has become. An outer packet may still be cut into fragments.</param>
    void OnContinue(JourneySide side, ReadOnlySpan<byte> packet);

    /// <summary>The tunnel has ended: no call comes any more.</summary>
    void OnEnd();
}
