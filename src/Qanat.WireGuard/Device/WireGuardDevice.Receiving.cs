using Qanat.Crypto;
using Qanat.Packets;

namespace Qanat.WireGuard;

// From the wire to the device (drivers/net/wireguard/receive.c).
public sealed unsafe partial class WireGuardDevice
{
    // The datagrams of one session that follow each other, and with which of the batch each came.
    private readonly AeadPacket[] _run;
    private readonly int[] _origins;
    private int _runLength;
    private Keypair? _runKeypair;
    private uint _runIndex;

    /// <summary>
    /// Opens what came off the wire, and hands it to the network device. Handshakes are worked on afterwards, some a call; the
    /// rest wait for the next call or <see cref="Tick"/>.
    /// </summary>
    /// <param name="datagrams">
    /// UDP payloads, which are decrypted in place. One with <see cref="GsoType.UdpL4"/> is several of that size, the last perhaps shorter
    /// (UDP_GRO). <see cref="PacketInfo.TrafficClass"/> is that of its outer header.
    /// </param>
    /// <param name="sources">Where each came from.</param>
    public void FromWire(PacketBatch datagrams, ReadOnlySpan<Endpoint> sources)
    {
        ArgumentNullException.ThrowIfNull(datagrams);
        ArgumentOutOfRangeException.ThrowIfLessThan(sources.Length, datagrams.Count);
        _clock.Read();
        WakeCrew(datagrams);
        for (var i = 0; IsUp && i < datagrams.Count; i++)
        {
            ref readonly var info = ref datagrams[i];
            var address = datagrams.Address(i);
            var left = info.Length;
            var size = info is { Gso: GsoType.UdpL4, GsoSize: > 0 } ? info.GsoSize : left;
            do
            {
                var length = Math.Min(size, left);
                Receive(address, length, i, datagrams, sources);
                address += length;
                left -= length;
            }
            while (left > 0);
        }
        OpenRun(datagrams, sources);
        WorkOnHandshakes();
        Finish();
    }

    private void Receive(byte* address, int length, int origin, PacketBatch datagrams, ReadOnlySpan<Endpoint> sources)
    {
        var datagram = new ReadOnlySpan<byte>(address, length);
        if (TransportMessage.TryParse(datagram, out var message))
        {
            if (!TryContinueRun(message.Receiver, datagrams, sources))
            {
                Counters.Drop(DropReason.UnknownIndex);
                return;
            }
            _origins[_runLength] = origin;
            _run[_runLength++] = new(address + TransportMessage.HeaderSize, length - TransportMessage.MinSize, message.Counter);
        }
        else if (Message.TypeOf(datagram) == MessageType.None)
            Counters.Drop(DropReason.Malformed);
        else if (!_queue.TryAdd(datagram, sources[origin]))
            Counters.Drop(DropReason.HandshakeQueueFull);
    }

    private bool TryContinueRun(uint index, PacketBatch datagrams, ReadOnlySpan<Endpoint> sources)
    {
        if (_runKeypair is not null && index == _runIndex && _runLength < _run.Length)
            return true;
        OpenRun(datagrams, sources);
        if (!_sessions.TryGet(index, out var entry) || entry is not Keypair keypair)
            return false;
        (_runKeypair, _runIndex) = (keypair, index);
        return true;
    }

    private void OpenRun(PacketBatch datagrams, ReadOnlySpan<Endpoint> sources)
    {
        if (_runKeypair is not { } keypair)
            return;
        var run = _run.AsSpan(0, _runLength);
        (_runKeypair, _runLength) = (null, 0);
        var peer = keypair.Peer;
        if (!keypair.CanReceive(_clock.Now))
        {
            peer.Counters.Drop(DropReason.KeyExpired, run.Length);
            return;
        }
        _crew.Open(keypair.Receiver, run);
        var (newest, anyPacket, anyOther) = (-1, false, false);
        for (var i = 0; i < run.Length; i++)
        {
            ref readonly var packet = ref run[i];
            if (!packet.IsValid)
                peer.Counters.Drop(DropReason.NotAuthentic);
            else if (!keypair.TryAccept(packet.Counter))
                peer.Counters.Drop(DropReason.Replayed);
            else
            {
                newest = i;
                peer.Counters.RxBytes += TransportMessage.MinSize + packet.Length;
                var text = new Span<byte>(packet.Text, packet.Length);
                if (ControlMessage.IsMeant(text))
                {
                    _controls[_controlCount++] = i;
                    continue;
                }
                anyOther = true;
                anyPacket |= packet.Length > 0;
                if (packet.Length > 0)
                    Deliver(peer, text, datagrams[_origins[i]].TrafficClass);
            }
        }
        if (newest >= 0)
            ReceivedFrom(peer, keypair, sources[_origins[newest]], anyPacket, anyOther);
        HandControlOver(peer, keypair, run);
    }

    private void ReceivedFrom(Peer peer, Keypair keypair, in Endpoint source, bool anyPacket, bool anyOther)
    {
        Roam(peer, source);
        _outgoing.Seal();
        if (peer.Keypairs.Confirm(keypair))
        {
            MeasureConfirmation(peer);
            CompletedHandshake(peer, keypair);
            SendStaged(peer);
        }
        ReceivedAuthentic(peer);
        if (anyPacket)
            ReceivedPacket(peer);
        if (anyOther && !peer.SentLastMinuteHandshake &&
            peer.Keypairs.Current is { } current && current.WantsSuccessorOnReceive(_clock.Now))
        {
            peer.SentLastMinuteHandshake = true;
            BeginHandshake(peer);
        }
    }

    // Congestion that the outer header tells of is written into the packet. One whose sender could not understand it is let in as it
    // is, as the kernel does: there are networks that mark what they should not.
    private void Deliver(Peer peer, Span<byte> padded, byte outer)
    {
        if (IPv4Header.TryParse(padded, out var ipv4))
        {
            var tos = ipv4.TypeOfService;
            if (EcnPropagation.TryDecapsulate(outer, tos, out var marked) && marked != tos)
                IPv4Header.SetTypeOfService(padded, marked);
            Deliver(peer, _allowedIps.Find(ipv4.Source), padded[..ipv4.Packet.Length]);
        }
        else if (IPv6Header.TryParse(padded, out var ipv6))
        {
            var trafficClass = ipv6.TrafficClass;
            if (EcnPropagation.TryDecapsulate(outer, trafficClass, out var marked) && marked != trafficClass)
                IPv6Header.SetTrafficClass(padded, marked);
            Deliver(peer, _allowedIps.Find(ipv6.Source), padded[..ipv6.Packet.Length]);
        }
        else
        {
            peer.Counters.Drop(DropReason.InnerHeader);
        }
    }

    private void Deliver(Peer peer, Peer? owner, Span<byte> packet)
    {
        if (owner != peer)
        {
            peer.Counters.Drop(DropReason.SpoofedSource);
            return;
        }
        if (peer.Prober is { AwaitsEcho: true } && EchoProbe.TryReadReply(packet, out var identifier) &&
            TryTakeAnswer(peer, ProbeMeans.Echo, identifier))
            return;
        if (peer.InnerMtu != Peer.AnyMtu)
            SegmentLimit.Apply(packet, peer.InnerMtu);
        peer.Counters.RxPackets++;
        _inner.Add(packet, default);
    }

    // Whoever sends something authentic is where it came from.
    private void Roam(Peer peer, in Endpoint source)
    {
        var before = peer.Endpoint;
        peer.Endpoint = source;
        if (before.IsAt(source))
            return;
        LeavePath(peer, before);
        _observer.EndpointChanged(peer, before);
    }
}
