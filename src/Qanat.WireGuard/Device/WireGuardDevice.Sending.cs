using System.Diagnostics.CodeAnalysis;
using Qanat.Packets;

namespace Qanat.WireGuard;

// From the device to the wire (drivers/net/wireguard/device.c: wg_xmit; send.c).
public sealed partial class WireGuardDevice
{
    private const int PaddingMultiple = 16;

    // Bytes for which it pays to wake helpers.
    private const int MuchToDo = 48 << 10;

    /// <summary>
    /// Seals and sends what the network device handed over, super-packets included. What has no session yet waits for it, within
    /// limits.
    /// </summary>
    /// <param name="inner">IP packets; checksums are completed in them.</param>
    public void FromDevice(PacketBatch inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _clock.Read();
        WakeCrew(inner);
        if (IsUp)
            for (var i = 0; i < inner.Count; i++)
                Send(inner.Bytes(i), in inner[i]);
        Finish();
    }

    // While the worker makes packets ready, its helpers come.
    private void WakeCrew(PacketBatch batch)
    {
        var bytes = 0;
        for (var i = 0; i < batch.Count && bytes < MuchToDo; i++)
            bytes += batch[i].Length;
        if (bytes >= MuchToDo)
            _crew.Wake();
    }

    private void Send(Span<byte> packet, ref readonly PacketInfo info)
    {
        if (!TryFindReceiver(packet, out var peer))
            Counters.Drop(DropReason.InnerHeader);
        else if (peer is null)
            Counters.Drop(DropReason.NoPeer);
        else if (!peer.Endpoint.IsKnown)
            peer.Counters.Drop(DropReason.NoEndpoint);
        else if (peer.InnerMtu < Mtu && IsTooBig(peer, packet, in info))
            peer.Counters.Drop(DropReason.PacketTooBig);
        else if (info.Gso != GsoType.None)
            SendSegments(peer, packet, in info);
        else if (ChecksumOffload.Complete(packet, in info))
        {
            if (peer.InnerMtu != Peer.AnyMtu)
                SegmentLimit.Apply(packet, peer.InnerMtu);
            packet.CopyTo(Place(peer, packet.Length, OuterTrafficClass(packet)));
        }
        else
            peer.Counters.Drop(DropReason.InnerHeader);
    }

    private void SendSegments(Peer peer, ReadOnlySpan<byte> packet, ref readonly PacketInfo info)
    {
        if (!Segmenter.TryStart(packet, in info, out var segmenter))
        {
            peer.Counters.Drop(DropReason.InnerHeader);
            return;
        }
        var trafficClass = OuterTrafficClass(packet);
        while (segmenter.NextLength > 0)
            segmenter.WriteNext(Place(peer, segmenter.NextLength, trafficClass));
    }

    // It tells of congestion, and of nothing else that the packet's own says.
    private static byte OuterTrafficClass(ReadOnlySpan<byte> packet) => (packet[0] >> 4) switch
    {
        4 => EcnPropagation.Encapsulate(0, packet[1]),
        6 => EcnPropagation.Encapsulate(0, (byte)(packet[1] >> 4)),
        _ => 0,
    };

    private bool TryFindReceiver(ReadOnlySpan<byte> packet, out Peer? peer)
    {
        peer = null;
        if (IPv4Header.TryParse(packet, out var ipv4))
            peer = _allowedIps.Find(ipv4.Destination);
        else if (IPv6Header.TryParse(packet, out var ipv6))
            peer = _allowedIps.Find(ipv6.Destination);
        else
            return false;
        return true;
    }

    // Where the next packet to a peer is to be written: behind the others of its session, or with those that wait for one.
    private Span<byte> Place(Peer peer, int length, byte trafficClass)
    {
        if (TryGetSession(peer, out var keypair))
            return Place(peer, keypair, length, trafficClass);
        BeginHandshake(peer);
        return _staged.Add(peer, length);
    }

    private Span<byte> Place(Peer peer, Keypair keypair, int length, byte trafficClass)
    {
        if (keypair.WantsSuccessorOnSend(_clock.Now))
            BeginHandshake(peer);
        var padded = PaddedLength(length, Math.Min(Mtu, peer.InnerMtu));
        peer.Counters.TxBytes += TransportMessage.MinSize + padded;
        SentAuthentic(peer);
        if (length > 0)
        {
            peer.Counters.TxPackets++;
            SentPacket(peer);
            if (ProbesPaths && !peer.Timers.IsSet(PeerTimer.Probe))
                WatchPath(peer, padded);
        }
        return _outgoing.Add(peer.Endpoint, keypair, length, padded, trafficClass);
    }

    private bool TryGetSession(Peer peer, [NotNullWhen(true)] out Keypair? keypair)
    {
        keypair = peer.Keypairs.Current;
        return keypair is not null && keypair.CanSend(_clock.Now);
    }

    // What waited leaves. A session that cannot be used is replaced first.
    private void SendStaged(Peer peer)
    {
        if (peer.Staged.Count == 0 || !peer.Endpoint.IsKnown)
            return;
        while (peer.Staged.Count > 0 && TryGetSession(peer, out var keypair))
        {
            var packet = _staged.Peek(peer);
            packet.CopyTo(Place(peer, keypair, packet.Length, OuterTrafficClass(packet)));
            _staged.Remove(peer);
        }
        if (peer.Staged.Count > 0)
            BeginHandshake(peer);
    }

    // Anything that shows that we are there: what waits, or an empty packet.
    private void SendKeepalive(Peer peer)
    {
        if (peer.Staged.Count > 0)
            SendStaged(peer);
        else if (!peer.Endpoint.IsKnown)
            return;
        else if (TryGetSession(peer, out var keypair))
            Place(peer, keypair, 0, trafficClass: 0);
        else
            BeginHandshake(peer);
    }

    // A multiple of 16, but within the MTU; a packet that is longer is padded as its last part would be.
    private static int PaddedLength(int length, int mtu)
    {
        var last = length > mtu && mtu > 0 ? length % mtu : length;
        var padded = (last + PaddingMultiple - 1) & -PaddingMultiple;
        return length - last + (mtu > 0 ? Math.Min(padded, mtu) : padded);
    }
}
