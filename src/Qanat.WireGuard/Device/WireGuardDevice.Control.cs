using Qanat.Crypto;
using Qanat.Packets;

namespace Qanat.WireGuard;

// What the two ends of a tunnel tell each other beside its packets. It is no traffic: it asks for no handshake, keeps no session in
// use, and is confirmed by no empty message, so that a tunnel over which nobody talks falls silent as others do.
public sealed unsafe partial class WireGuardDevice
{
    private readonly ControlHandler?[] _controlHandlers = new ControlHandler?[ControlMessage.MaxType + 1];

    // Which of the run that is being opened are control messages.
    private readonly int[] _controls = new int[PacketBatch.DefaultCapacity];
    private int _controlCount;

    // The session of the one that is being handed over.
    private Keypair? _controlSession;

    /// <summary>Has control messages of a type handed to somebody. Those that nobody takes are counted and dropped.</summary>
    /// <param name="type">The type.</param>
    /// <param name="handler">Who takes them from now on; null for nobody.</param>
    public void HandleControl(ControlMessageType type, ControlHandler? handler)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)type, (int)ControlMessageType.None);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((int)type, ControlMessage.MaxType);
        _controlHandlers[(int)type] = handler;
    }

    /// <summary>Sends a control message, if there is a session for it: it begins none, and waits for none.</summary>
    /// <param name="peer">To whom.</param>
    /// <param name="type">What it is.</param>
    /// <param name="identifier">What the answer is to bring back.</param>
    /// <param name="body">What is said, at most <see cref="ControlMessage.MaxBody"/> bytes.</param>
    /// <returns>False when nothing was sent: there is no session, or nobody knows where the peer is.</returns>
    public bool SendControl(Peer peer, ControlMessageType type, uint identifier, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, ControlMessage.MaxBody);
        _clock.Read();
        var length = ControlMessage.HeaderSize + body.Length;
        if (!TryPlaceControl(peer, length, PaddedLength(length, Math.Min(Mtu, peer.InnerMtu)), out var text))
            return false;
        ControlMessage.Write(text, type, identifier, body);
        _outgoing.Flush();
        return true;
    }

    private bool TryPlaceControl(Peer peer, int length, int padded, out Span<byte> text, bool isProbe = false)
    {
        text = default;
        if (!IsUp || peer.IsRemoved || !peer.Endpoint.IsKnown || !TryGetSession(peer, out var keypair))
            return false;
        peer.Counters.TxBytes += TransportMessage.MinSize + padded;
        SentAuthentic(peer);
        text = _outgoing.Add(peer.Endpoint, keypair, length, padded, trafficClass: 0, isProbe);
        return true;
    }

    // After the rest of the run, for an answer goes to where the newest of it came from, under the session that it came under.
    private void HandControlOver(Peer peer, Keypair keypair, ReadOnlySpan<AeadPacket> run)
    {
        _controlSession = keypair;
        for (var i = 0; i < _controlCount && !peer.IsRemoved; i++)
        {
            ref readonly var packet = ref run[_controls[i]];
            if (ControlMessage.TryParse(new(packet.Text, packet.Length), out var message) &&
                _controlHandlers[(int)message.Type] is { } handler)
                handler(peer, message);
            else
                peer.Counters.Drop(DropReason.UnknownControl);
        }
        (_controlCount, _controlSession) = (0, null);
    }
}
