using System.Buffers.Binary;
using Qanat.Crypto;
using Qanat.Packets;

namespace Qanat.Ipsec;

/// <summary>What becomes of a state (linux/xfrm.h: XFRM_STATE_*).</summary>
public enum XfrmStateStatus
{
    /// <summary>It works.</summary>
    Valid,

    /// <summary>A hard limit is reached.</summary>
    Expired,

    /// <summary>It is deleted, and its keys are wiped.</summary>
    Dead,
}

/// <summary>
/// A security association, which the kernel calls a state: keys and counters of the packets that go one way. It belongs to
/// the worker that seals or opens with it.
/// </summary>
public sealed class SecurityAssociation
{
    private const int LegacyWindow = 32; // the kernel's struct xfrm_replay_state has one word
    private const int TrailerFields = 2; // pad length and next header

    private readonly EspSuite _suite;
    private readonly UInt128 _unique;
    private EspTransform? _sealer, _opener;

    private SecurityAssociation(SecurityAssociationParameters parameters, EspSuite suite, TimeProvider time)
    {
        (Parameters, _suite) = (parameters with { Algorithms = suite.Algorithms }, suite);
        Lifetime = new Lifetime(parameters.Limits, time);
        Window = new ReplayWindow(parameters.ReplayWindow);
        if (parameters.InputSequence != 0)
            Window.Resume(parameters.InputSequence);
        OutputSequence = parameters.OutputSequence;
        // A state that is set up again with the same key starts with other vectors, although it counts from 1 again.
        Span<byte> random = stackalloc byte[16];
        RandomBytes.Fill(random);
        _unique = BinaryPrimitives.ReadUInt128BigEndian(random);
    }

    /// <summary>What it is set to.</summary>
    public SecurityAssociationParameters Parameters { get; internal set; }

    /// <summary>What became of it.</summary>
    public XfrmStateStatus Status { get; internal set; }

    /// <summary>What it has carried, and since when.</summary>
    public Lifetime Lifetime { get; }

    /// <summary>The last sequence number that was sent.</summary>
    public ulong OutputSequence { get; internal set; }

    /// <summary>The highest sequence number that has arrived, if the replay window is not 0.</summary>
    public ulong InputSequence => Window.Highest;

    /// <summary>True when a sequence number is within the replay window and has arrived: what the window is shown as.</summary>
    public bool HasArrived(ulong sequence) => Window.Contains(sequence);

    /// <summary>Packets that were left of the replay window.</summary>
    public long ReplayWindowErrors { get; internal set; }

    /// <summary>Packets that had arrived before.</summary>
    public long Replays { get; internal set; }

    /// <summary>Packets whose integrity check value was wrong.</summary>
    public long IntegrityFailures { get; internal set; }

    /// <summary>Bytes that ESP puts before what it protects: header and initialization vector.</summary>
    public int HeaderLength => EspHeader.Size + _suite.IvLength;

    /// <summary>True when it has extended sequence numbers.</summary>
    public bool HasExtendedSequence => (Parameters.Flags & XfrmStateFlags.Esn) != 0;

    /// <summary>
    /// The replay window as <c>ip xfrm state</c> shows it, 32 numbers a word. Of a small one without extended sequence numbers bit 0 is
    /// the highest that has arrived; another is a ring, in which a number's place is the remainder of the one before it.
    /// </summary>
    public uint[] ReplayBitmap()
    {
        var isRing = HasExtendedSequence || Window.Size > LegacyWindow;
        var bitmap = new uint[isRing ? (Window.Size + LegacyWindow - 1) / LegacyWindow : 1];
        for (var back = 0; back < Window.Size && (ulong)back < Window.Highest; back++)
        {
            var place = isRing ? (int)((Window.Highest - (ulong)back - 1) % (ulong)Window.Size) : back;
            if (Window.Judge(Window.Highest - (ulong)back) == ReplayVerdict.Seen)
                bitmap[place / LegacyWindow] |= 1u << (place % LegacyWindow);
        }
        return bitmap;
    }

    internal ReplayWindow Window { get; }

    internal int IcvLength => _suite.IcvLength;

    /// <summary>What vectors are made of, besides the sequence number. Tests play a kernel's part with it.</summary>
    internal UInt128? Unique { private get; set; }

    internal EspTransform Sealer => _sealer ??= _suite.Make(CipherDirection.Seal);

    internal EspTransform Opener => _opener ??= _suite.Make(CipherDirection.Open);

    /// <summary>Bytes of the ESP packet, header to integrity check value, that protects <paramref name="innerLength"/> bytes.</summary>
    public int SealedLength(int innerLength) => HeaderLength + Padded(innerLength) + _suite.IcvLength;

    /// <summary>The longest inner packet whose ESP packet fits into <paramref name="room"/> bytes (the kernel's xfrm_state_mtu).</summary>
    /// <param name="room">Bytes behind the outer IP header, and the UDP header if there is one.</param>
    public int MaxInnerLength(int room)
    {
        var blocks = (room - HeaderLength - _suite.IcvLength) / _suite.BlockLength;
        return Math.Max(0, blocks * _suite.BlockLength - TrailerFields);
    }

    /// <summary>Checks parameters as the kernel does (net/xfrm/xfrm_user.c: verify_newsa_info), and makes a state of them.</summary>
    internal static XfrmResult TryCreate(SecurityAssociationParameters parameters, TimeProvider time, out SecurityAssociation? state)
    {
        state = null;
        var isIPv6 = parameters.Destination.IsIPv6;
        var selector = parameters.Selector;
        if (selector.Family == default && (parameters.Flags & XfrmStateFlags.AfUnspec) == 0)
            parameters = parameters with { Selector = selector = selector with { Family = Selector.Of(isIPv6) } };

        if (parameters.Source.IsIPv6 != isIPv6)
            return new(XfrmCode.EINVAL, "Source and destination are of different families");
        if (!selector.HasValidPrefixes)
            return new(XfrmCode.EINVAL, "Invalid prefix length in selector");
        if (parameters.Protocol != IpProtocol.Esp)
            return new(XfrmCode.EPROTONOSUPPORT, "Unsupported protocol");
        if (parameters.Mode is not (XfrmMode.Tunnel or XfrmMode.Transport))
            return new(XfrmCode.EPROTONOSUPPORT, "Unsupported mode");
        if (parameters.ReplayWindow is < 0 or > ReplayWindow.MaxSize)
            return new(XfrmCode.EINVAL, "ESN bitmap length must be <= 128");
        if ((parameters.Flags & XfrmStateFlags.Esn) != 0 && parameters.ReplayWindow == 0)
            return new(XfrmCode.EINVAL, "ESN replay window must be > 0");
        var result = EspSuite.TryCreate(parameters.Algorithms, out var suite);
        if (!result.Succeeded)
            return result;
        LibCrypto.Require();
        state = new(parameters with { Mark = new(parameters.Mark.Effective, parameters.Mark.Mask) }, suite!, time);
        return result;
    }

    /// <summary>The next sequence number. False when there is none left.</summary>
    internal bool TryAdvance(out ulong sequence)
    {
        var endless = HasExtendedSequence || (Parameters.ExtraFlags & XfrmStateExtraFlags.OutputSequenceMayWrap) != 0;
        sequence = OutputSequence;
        if (sequence >= (endless ? ulong.MaxValue : uint.MaxValue))
            return false;
        OutputSequence = ++sequence;
        return true;
    }

    /// <summary>A number that no other packet under the key has.</summary>
    internal UInt128 UniqueOf(ulong sequence) => (Unique ?? _unique) ^ sequence;

    /// <summary>Bytes of the inner packet with padding and trailer.</summary>
    internal int Padded(int innerLength)
    {
        var block = _suite.BlockLength;
        return (innerLength + TrailerFields + block - 1) / block * block;
    }

    /// <summary>Ends it: its keys are wiped.</summary>
    internal void Kill()
    {
        Status = XfrmStateStatus.Dead;
        _sealer?.Dispose();
        _opener?.Dispose();
        Parameters.Algorithms.Wipe();
    }
}
