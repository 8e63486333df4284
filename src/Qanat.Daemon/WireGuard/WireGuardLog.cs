using Qanat.WireGuard;

namespace Qanat.Daemon.WireGuard;

/// <summary>How much an interface says (wireguard-go's LOG_LEVEL).</summary>
public enum LogLevel
{
    /// <summary>Nothing.</summary>
    Silent,

    /// <summary>What goes wrong.</summary>
    Error,

    /// <summary>Also what happens to its peers, and what its users are refused.</summary>
    Verbose,
}

/// <summary>An interface's log, whose lines begin with its name.</summary>
internal sealed class WireGuardLog(string name, LogLevel level, DaemonLog log) : IWireGuardObserver
{
    /// <summary>Says what went wrong.</summary>
    public void Error(string text) => Write(LogLevel.Error, text);

    /// <summary>Says what happened.</summary>
    public void Verbose(string text) => Write(LogLevel.Verbose, text);

    /// <summary>Says something that is worth so much.</summary>
    public void Write(LogLevel worth, string text)
    {
        if (level >= worth)
            log.Write($"{name}: {text}");
    }

    public void HandshakeCompleted(Peer peer) => Say(peer, "handshake completed");

    public void EndpointChanged(Peer peer, in Endpoint before)
    {
        if (level >= LogLevel.Verbose)
            Verbose($"{peer}: now at {peer.Endpoint}, before at {(before.IsKnown ? before.ToString() : "no known place")}");
    }

    public void HandshakeGivenUp(Peer peer) => Say(peer, "no answer to any handshake; given up until there is something to send");

    public void KeysWiped(Peer peer) => Say(peer, "not heard of for long; keys wiped");

    public void PostQuantumChanged(Peer peer) =>
        Say(peer, peer.IsPostQuantum ? "the session is under a post-quantum key" : "the session is under no post-quantum key any more");

    public void PathMtuChanged(Peer peer) =>
        Say(peer, peer.PathMtu is { } mtu ? $"packets of up to {mtu} bytes arrive" : "it is not known any more how large a packet may be");

    private void Say(Peer peer, string text)
    {
        if (level >= LogLevel.Verbose)
            Verbose($"{peer}: {text}");
    }
}
