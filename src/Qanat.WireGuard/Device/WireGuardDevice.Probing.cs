using Qanat.Packets;

namespace Qanat.WireGuard;

// How large a packet may be that arrives at a peer: what is measured, and what follows from it for packets.
public sealed partial class WireGuardDevice
{
    // WireGuard's header and tag, and UDP's and IP's headers.
    private const int OverheadOverIPv4 = TransportMessage.MinSize + UdpHeader.Size + IPv4Header.MinSize;
    private const int OverheadOverIPv6 = TransportMessage.MinSize + UdpHeader.Size + IPv6Header.Size;

    // What is taken to arrive anywhere (RFC 8899, 5.1.2; RFC 8200, 5).
    private const int LowestOverIPv4 = 1200, LowestOverIPv6 = IPv6Header.MinimumMtu;

    private int _largestMtu;

    /// <summary>
    /// Whether it is measured how large a packet may be that arrives at a peer. It is while packets are sent to the peer, by probes
    /// beside them (RFC 8899).
    /// </summary>
    public bool ProbesPaths
    {
        get;
        set
        {
            field = value;
            ForgetPaths();
        }
    }

    /// <summary>The MTU that users want, in bytes: more is not measured, and <see cref="PathMtu"/> is never more.</summary>
    public int LargestMtu
    {
        get => _largestMtu;
        set
        {
            if (_largestMtu == value)
                return;
            _largestMtu = value;
            ForgetPaths();
        }
    }

    /// <summary>
    /// The MTU in bytes by which every packet arrives at one peer at least of those with whom there is a session: what the network
    /// device's should be. Peers that are reached by less are looked after one by one.
    /// </summary>
    public int PathMtu
    {
        get
        {
            var (mtu, any) = (0, false);
            foreach (var peer in _peers.Values)
                if (peer.HasSession)
                    (mtu, any) = (Math.Max(mtu, peer.InnerMtu), true);
            return any ? Math.Min(mtu, LargestMtu) : LargestMtu;
        }
    }

    /// <summary>
    /// Says which of the network device's addresses ends that are not Qanat are asked from: of IPv6 or of IPv4; null when it has none.
    /// Without it they are not asked.
    /// </summary>
    public Func<bool, IpAddress?>? FindInnerAddress { get; set; }

    private static int OverheadOf(in Endpoint endpoint) => endpoint.Address.IsIPv6 ? OverheadOverIPv6 : OverheadOverIPv4;

    // A packet is sent, and no probe waits for its time.
    private void WatchPath(Peer peer, int padded)
    {
        var overhead = OverheadOf(peer.Endpoint);
        var prober = peer.Prober ??= NewProber(peer, overhead);
        if (prober.TryWake(padded + overhead, _clock.Now))
            Set(peer, PeerTimer.Probe, prober.Due - _clock.Now);
    }

    private PathProber NewProber(Peer peer, int overhead)
    {
        var lowest = peer.Endpoint.Address.IsIPv6 ? LowestOverIPv6 : LowestOverIPv4;
        return new(lowest, Math.Max(lowest, LargestMtu + overhead), (uint)_jitter.NextInt64(1L << 32));
    }

    private void Probe(Peer peer)
    {
        if (peer.Prober is not { } prober)
            return;
        while (prober.TryNext(_clock.Now, out var probe))
            Send(peer, probe);
        Heed(peer, prober);
    }

    // What cannot be sent is a probe that was lost.
    private void Send(Peer peer, Probe probe)
    {
        var length = probe.Size - OverheadOf(peer.Endpoint);
        if (probe.Means == ProbeMeans.Echo)
            SendEcho(peer, length, probe.Identifier);
        else if (TryPlaceControl(peer, ControlMessage.HeaderSize, Math.Max(length, PaddingMultiple), out var text, isProbe: true))
            ControlMessage.Write(text, ControlMessageType.Probe, probe.Identifier, []);
    }

    // Only to an address that is a host's alone, and so the peer's: nothing is sent into networks behind it.
    private void SendEcho(Peer peer, int length, uint identifier)
    {
        if (FindInnerAddress is not { } find)
            return;
        foreach (var addresses in _allowedIps.Of(peer))
        {
            var isIPv6 = addresses.Address.IsIPv6;
            if (addresses.Length != (isIPv6 ? 128 : 32) || find(isIPv6) is not { } source || source == addresses.Address)
                continue;
            length = Math.Max(length, EchoProbe.MinLength(isIPv6));
            if (TryPlaceControl(peer, length, length, out var packet, isProbe: true))
                EchoProbe.Write(packet, source, addresses.Address, identifier);
            return;
        }
    }

    private void AnswerProbe(Peer peer, ControlMessage message) =>
        SendControl(peer, ControlMessageType.ProbeAnswer, message.Identifier, []);

    private void TakeAnswer(Peer peer, ControlMessage message) => TryTakeAnswer(peer, ProbeMeans.Control, message.Identifier);

    private bool TryTakeAnswer(Peer peer, ProbeMeans means, uint identifier)
    {
        if (peer.Prober is not { } prober || !prober.Answer(means, identifier, _clock.Now))
            return false;
        peer.RttSamples.Add(prober.LastSample, _clock.Now);
        Heed(peer, prober);
        return true;
    }

    private void Heed(Peer peer, PathProber prober)
    {
        peer.Timers.Cancel(PeerTimer.Probe);
        if (prober.Due != PeerTimers.Unset)
            Set(peer, PeerTimer.Probe, Math.Max(0, prober.Due - _clock.Now));
        SetInnerMtu(peer, prober.IsWide ? Peer.AnyMtu : prober.PathMtu!.Value - OverheadOf(peer.Endpoint));
    }

    private void SetInnerMtu(Peer peer, int mtu)
    {
        if (peer.InnerMtu == mtu)
            return;
        peer.InnerMtu = mtu;
        _observer.PathMtuChanged(peer);
    }

    // The peer is elsewhere. What is known of its path holds until it is measured again, unless it is of the other IP version.
    private void LeavePath(Peer peer, in Endpoint before)
    {
        peer.RttSamples = default;
        if (peer.Endpoint.Address.IsIPv6 != before.Address.IsIPv6)
            ForgetPath(peer);
        peer.Prober?.Restart();
        peer.Timers.Cancel(PeerTimer.Probe);
    }

    private void ForgetPath(Peer peer)
    {
        peer.Prober = null;
        peer.Timers.Cancel(PeerTimer.Probe);
        SetInnerMtu(peer, Peer.AnyMtu);
    }

    private void ForgetPaths()
    {
        foreach (var peer in _peers.Values)
            ForgetPath(peer);
    }

    // Whether an inner packet is larger than what arrives, and its sender is told. One that may be fragmented goes as it is: whoever
    // has to fragments the datagram that it is in.
    private bool IsTooBig(Peer peer, ReadOnlySpan<byte> packet, ref readonly PacketInfo info)
    {
        var length = info.Gso == GsoType.None ? packet.Length
            : Segmenter.TryStart(packet, in info, out var segmenter) ? segmenter.NextLength : 0;
        if (length <= peer.InnerMtu)
            return false;
        Span<byte> error = stackalloc byte[Icmpv6Error.MaxLength];
        int written;
        // As if it came from where the packet goes: from beyond the tunnel, so that the host believes it.
        if (IPv4Header.TryParse(packet, out var ipv4))
        {
            if (!ipv4.DontFragment && info.Gso == GsoType.None)
                return false;
            IcmpError.FragmentationNeeded(peer.InnerMtu).TryBuild(packet, ipv4.Destination, 0, error, out written);
        }
        else
        {
            // Less than what IPv6 asks of every link cannot be told to anyone.
            if (!IPv6Header.TryParse(packet, out var ipv6) || length <= IPv6Header.MinimumMtu || ipv6.Destination.IsMulticast)
                return false;
            Icmpv6Error.PacketTooBig(Math.Max(peer.InnerMtu, IPv6Header.MinimumMtu))
                .TryBuild(packet, ipv6.Destination, error, out written);
        }
        if (written > 0)
            _inner.Add(error[..written], default);
        return true;
    }
}
