using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Qanat.Packets;
using static Qanat.Linux.Interop.In;
using static Qanat.Linux.Interop.In6;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <summary>
/// What one sendmmsg or recvmmsg works on: messages, each of some pieces of memory, an address of either IP version and
/// control data. A message is begun, and all that follows belongs to it until the next is. The arrays are pinned and never
/// freed by hand, so a socket may be disposed while another thread is in a call.
/// </summary>
internal sealed unsafe class MessageVector
{
    /// <summary>Messages in a call.</summary>
    public const int Capacity = 128;

    private const int Pieces = 2 * Capacity, ControlLength = 192;

    private readonly mmsghdr[] _messages = GC.AllocateArray<mmsghdr>(Capacity, pinned: true);
    private readonly iovec[] _pieces = GC.AllocateArray<iovec>(Pieces, pinned: true);
    private readonly sockaddr_in6[] _addresses = GC.AllocateArray<sockaddr_in6>(Capacity, pinned: true);
    private readonly ControlRoom[] _control = GC.AllocateArray<ControlRoom>(Capacity, pinned: true);
    private int _usedPieces;

    // Each room begins where a cmsghdr may.
    [InlineArray(ControlLength / sizeof(ulong))]
    private struct ControlRoom
    {
        private ulong _words;
    }

    /// <summary>The messages, for the call.</summary>
    public mmsghdr* Messages => Pinned(_messages);

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>True when no other message can be begun.</summary>
    public bool IsFull => Count == Capacity || !HasPieces;

    /// <summary>True when the newest message may have another piece.</summary>
    public bool HasPieces => _usedPieces < Pieces;

    /// <summary>Forgets all messages.</summary>
    public void Clear() => Count = _usedPieces = 0;

    /// <summary>Begins a message, with neither memory, address nor control data yet.</summary>
    public void Begin()
    {
        _messages[Count].msg_hdr = new()
        {
            msg_iov = Pinned(_pieces) + _usedPieces,
            msg_control = Pinned(_control) + Count,
        };
        Count++;
    }

    /// <summary>Begins a message to be received.</summary>
    /// <param name="start">Where its bytes go.</param>
    /// <param name="length">The room there.</param>
    /// <param name="facts">True to learn its source and the facts that the socket was asked for.</param>
    public void BeginReceive(byte* start, int length, bool facts)
    {
        Begin();
        AddPiece(start, length);
        if (!facts)
            return;
        ref var message = ref Newest;
        message.msg_name = Pinned(_addresses) + Count - 1;
        message.msg_namelen = (uint)sizeof(sockaddr_in6);
        message.msg_controllen = ControlLength;
    }

    /// <summary>Appends memory.</summary>
    public void AddPiece(byte* start, int length)
    {
        _pieces[_usedPieces++] = new() { iov_base = start, iov_len = length };
        Newest.msg_iovlen++;
    }

    /// <summary>Sets the destination.</summary>
    public void SetDestination(IpAddress address, ushort port = 0)
    {
        var name = Pinned(_addresses) + Count - 1;
        Newest.msg_name = name;
        Newest.msg_namelen = (uint)SocketAddress.Write(name, address, port);
    }

    /// <summary>Appends a control message.</summary>
    public void AddControl<T>(int level, int type, T value) where T : unmanaged
    {
        ref var message = ref Newest;
        var header = (cmsghdr*)((byte*)message.msg_control + message.msg_controllen);
        *header = new() { cmsg_len = sizeof(cmsghdr) + sizeof(T), cmsg_level = level, cmsg_type = type };
        Unsafe.WriteUnaligned(header + 1, value);
        message.msg_controllen += (sizeof(cmsghdr) + sizeof(T) + sizeof(nint) - 1) & ~(sizeof(nint) - 1);
    }

    /// <summary>Says what mark the newest message's route is looked up with; 0 says nothing of it.</summary>
    public void AddMark(uint mark)
    {
        if (mark != 0)
            AddControl(SOL_SOCKET, SO_MARK, mark);
    }

    /// <summary>
    /// Appends by which interface and from which address to leave, unless both are left to the routes. Over IPv6 the interface
    /// decides between routes of one metric, as for the kernel's own tunnels; alone where the source is any.
    /// </summary>
    public void AddRoute(int link, IpAddress source)
    {
        if (link == 0 && source.IsAny)
            return;
        if (source.IsIPv6)
        {
            var info = new in6_pktinfo { ipi6_ifindex = link };
            source.IPv6.Write(new(info.ipi6_addr.s6_addr, IPv6Address.Size));
            AddControl(IPPROTO_IPV6, IPV6_PKTINFO, info);
        }
        else
        {
            var address = BinaryPrimitives.ReverseEndianness(source.IPv4.Value);
            AddControl(IPPROTO_IP, IP_PKTINFO, new in_pktinfo { ipi_ifindex = link, ipi_spec_dst = address });
        }
    }

    /// <summary>Where received message <paramref name="index"/> came from; its port may be 0.</summary>
    public IpAddress SourceOf(int index, out ushort port)
    {
        port = 0;
        return _messages[index].msg_hdr.msg_namelen == 0 ? default : SocketAddress.Read(Pinned(_addresses) + index, out port);
    }

    /// <summary>The control data of received message <paramref name="index"/>.</summary>
    public ControlMessages ControlOf(int index)
    {
        ref readonly var message = ref _messages[index].msg_hdr;
        return new(new ReadOnlySpan<byte>(message.msg_control, (int)message.msg_controllen));
    }

    private ref msghdr Newest => ref _messages[Count - 1].msg_hdr;

    private static T* Pinned<T>(T[] array) where T : unmanaged => (T*)Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
}
