using Qanat.Crypto;
using Qanat.Packets;

namespace Qanat.WireGuard;

/// <summary>
/// A WireGuard interface as a pure function between a network device and a wire: peers, their allowed addresses, handshakes,
/// sessions and timers (wireguard.com/papers; drivers/net/wireguard). It does no I/O and has no clock of its own. It belongs to
/// one worker, and each of its calls sends what it gave rise to before it returns.
/// </summary>
public sealed partial class WireGuardDevice : IDisposable
{
    /// <summary>The MTU unless it is set: what a path of 1,500 bytes leaves, over either IP version.</summary>
    public const int DefaultMtu = 1420;

    private static readonly IWireGuardObserver s_nobody = new Nobody();

    private readonly OrderedDictionary<PublicKey, Peer> _peers = [];
    private readonly AllowedIps<Peer> _allowedIps = new();
    private readonly SessionTable _sessions = new();
    private readonly PeerSchedule _schedule = new();
    private readonly StagedPackets _staged = new();
    private readonly TimeProvider _time;
    private readonly Clock _clock;
    private readonly AeadCrew _crew;
    private readonly Outgoing _outgoing;
    private readonly PacketQueue _deviceQueue;
    private readonly Coalescer _inner;
    private readonly IWireGuardObserver _observer;
    private readonly Random _jitter;
    private CoalescerOptions _coalescing;

    /// <summary>Makes a device without keys and peers, which is down.</summary>
    /// <param name="wire">Where its datagrams leave.</param>
    /// <param name="device">The way into the network device, for packets that come out of the tunnel.</param>
    /// <param name="coalescing">What may be joined into super-packets for the device; its MTU is the device's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="observer">Hears what happens.</param>
    /// <param name="jitter">By how much a handshake is tried again later, that two ends do not do so at once.</param>
    /// <param name="crew">Threads that help with sealing and opening; by default none. It is not the device's to dispose of.</param>
    /// <exception cref="CryptoException">There is no libcrypto.</exception>
    public WireGuardDevice(
        IWire wire, PacketQueue device, CoalescerOptions coalescing, TimeProvider? time = null, IWireGuardObserver? observer = null,
        Random? jitter = null, AeadCrew? crew = null)
    {
        ArgumentNullException.ThrowIfNull(wire);
        ArgumentNullException.ThrowIfNull(device);
        _time = time ?? TimeProvider.System;
        _clock = new(_time);
        _crew = crew ?? new(helpers: 0);
        _outgoing = new(wire, _crew);
        (_run, _origins) = (new AeadPacket[_crew.RunLength], new int[_crew.RunLength]);
        (_deviceQueue, _coalescing) = (device, coalescing);
        _inner = new(device, coalescing);
        _observer = observer ?? s_nobody;
        _jitter = jitter ?? Random.Shared;
        _find = key => _peers.TryGetValue(key, out var peer) ? peer.Handshake : null;
        _largestMtu = coalescing.Mtu;
        _controlHandlers[(int)ControlMessageType.Probe] = AnswerProbe;
        _controlHandlers[(int)ControlMessageType.ProbeAnswer] = TakeAnswer;
        BecomeNobody();
    }

    /// <summary>The network device's MTU in bytes: packets are not padded beyond it.</summary>
    public int Mtu
    {
        get => _coalescing.Mtu;
        set
        {
            _coalescing = _coalescing with { Mtu = value };
            _inner.Attach(_deviceQueue, _coalescing);
        }
    }

    /// <summary>Whether packets pass.</summary>
    public bool IsUp { get; private set; }

    /// <summary>What was dropped, and no peer can be told to have sent or wanted.</summary>
    public WireGuardCounters Counters { get; } = new();

    /// <summary>
    /// When <see cref="Tick"/> is to be called next, from the last call on; zero when there are handshakes to work on, and null when
    /// there is nothing to wait for.
    /// </summary>
    public TimeSpan? NextTick =>
        _queue.Count > 0 ? TimeSpan.Zero
        : _schedule.Next == PeerTimers.Unset ? null
        : TimeSpan.FromTicks(Math.Max(0, _schedule.Next - _clock.Now));

    /// <summary>
    /// Does what is due, and works on handshakes that wait. To be called when <see cref="NextTick"/> says, or at any other time.
    /// </summary>
    /// <returns><see cref="NextTick"/>.</returns>
    public TimeSpan? Tick()
    {
        _clock.Read();
        while (_schedule.TryTake(_clock.Now, out var peer))
        {
            Expire(peer);
            _schedule.Wake(peer, peer.Timers.Earliest);
        }
        WorkOnHandshakes();
        Finish();
        return NextTick;
    }

    /// <summary>Wipes all keys.</summary>
    public void Dispose()
    {
        foreach (var peer in _peers.Values)
            Forget(peer);
        _peers.Clear();
        CloseIdentity();
        _secrets?.Dispose();
        _outgoing.Dispose();
    }

    private void Finish()
    {
        _inner.Flush();
        _outgoing.Flush();
    }

    private sealed class Nobody : IWireGuardObserver;
}
