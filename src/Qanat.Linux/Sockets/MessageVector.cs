using System.Runtime.InteropServices;
using static Qanat.Linux.Interop.In;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <summary>
/// What one sendmmsg or recvmmsg works on: messages of one piece of memory each, with an IPv4 address, an IP_PKTINFO and
/// an IP_PROTOCOL apiece. The arrays are pinned and never freed by hand, so a socket may be disposed while another thread is in a call.
/// </summary>
internal sealed unsafe class MessageVector
{
    /// <summary>Messages in a call.</summary>
    public const int Capacity = 128;

    private readonly mmsghdr[] _messages = GC.AllocateArray<mmsghdr>(Capacity, pinned: true);
    private readonly iovec[] _pieces = GC.AllocateArray<iovec>(Capacity, pinned: true);
    private readonly sockaddr_in[] _addresses = GC.AllocateArray<sockaddr_in>(Capacity, pinned: true);
    private readonly Control[] _control = GC.AllocateArray<Control>(Capacity, pinned: true);

    /// <summary>Makes a vector whose messages have neither memory, address nor control data yet.</summary>
    public MessageVector()
    {
        for (var i = 0; i < Capacity; i++)
        {
            _messages[i].msg_hdr.msg_iov = Pinned(_pieces) + i;
            _messages[i].msg_hdr.msg_iovlen = 1;
            _addresses[i].sin_family = AF_INET;
        }
    }

    /// <summary>One IP_PKTINFO control message, padded as CMSG_SPACE says.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    internal struct PacketInfoMessage
    {
        internal cmsghdr Header;
        internal in_pktinfo Info;

        /// <summary>CMSG_LEN(sizeof(struct in_pktinfo)).</summary>
        internal static int Length => sizeof(cmsghdr) + sizeof(in_pktinfo);
    }

    /// <summary>One IP_PROTOCOL control message, padded likewise.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 24)]
    internal struct ProtocolMessage
    {
        internal cmsghdr Header;
        internal int Protocol;

        /// <summary>CMSG_LEN(sizeof(int)).</summary>
        internal static int Length => sizeof(cmsghdr) + sizeof(int);
    }

    // What is sent uses either or both; what is received, the first.
    private struct Control
    {
        internal PacketInfoMessage Link;
        internal ProtocolMessage Protocol;
    }

    /// <summary>The messages, for the call.</summary>
    public mmsghdr* Messages => Pinned(_messages);

    /// <summary>Gives message <paramref name="index"/> its memory.</summary>
    public void SetMemory(int index, byte* start, int length) => _pieces[index] = new() { iov_base = start, iov_len = length };

    /// <summary>Gives message <paramref name="index"/> a destination.</summary>
    /// <param name="index">The message.</param>
    /// <param name="address">The address in network byte order.</param>
    public void SetDestination(int index, uint address)
    {
        _addresses[index].sin_addr = address;
        _messages[index].msg_hdr.msg_name = Pinned(_addresses) + index;
        _messages[index].msg_hdr.msg_namelen = (uint)sizeof(sockaddr_in);
    }

    /// <summary>Says how message <paramref name="index"/> is to be routed.</summary>
    /// <param name="index">The message.</param>
    /// <param name="link">The interface that it leaves by; 0 leaves that to the routes.</param>
    /// <param name="source">
    /// The source address that rules and routes are to look at, in network byte order; 0 for none. They do not see the header's.
    /// </param>
    /// <param name="protocol">The protocol that IPsec policies see; 0 says nothing of it.</param>
    public void SetRoute(int index, int link, uint source, byte protocol)
    {
        var control = Pinned(_control) + index;
        var routed = link != 0 || source != 0;
        if (routed)
            control->Link = new()
            {
                Header = new() { cmsg_len = PacketInfoMessage.Length, cmsg_level = IPPROTO_IP, cmsg_type = IP_PKTINFO },
                Info = new() { ipi_ifindex = link, ipi_spec_dst = source },
            };
        if (protocol != 0)
            control->Protocol = new()
            {
                Header = new() { cmsg_len = ProtocolMessage.Length, cmsg_level = IPPROTO_IP, cmsg_type = IP_PROTOCOL },
                Protocol = protocol,
            };
        ref var message = ref _messages[index].msg_hdr;
        message.msg_control = routed ? &control->Link : &control->Protocol;
        message.msg_controllen = (routed ? sizeof(PacketInfoMessage) : 0) + (protocol != 0 ? sizeof(ProtocolMessage) : 0);
    }

    /// <summary>Makes room for the IP_PKTINFO of a message to be received. The kernel shrinks it, so it is done before each call.</summary>
    public void PrepareControl(int index)
    {
        ref var message = ref _messages[index].msg_hdr;
        message.msg_control = Pinned(_control) + index;
        message.msg_controllen = sizeof(PacketInfoMessage);
    }

    /// <summary>The interface that a received message came in on; 0 when the kernel did not say.</summary>
    public int LinkOf(int index)
    {
        ref readonly var control = ref _control[index].Link;
        return _messages[index].msg_hdr.msg_controllen >= PacketInfoMessage.Length &&
            control.Header is { cmsg_level: IPPROTO_IP, cmsg_type: IP_PKTINFO }
            ? control.Info.ipi_ifindex
            : 0;
    }

    private static T* Pinned<T>(T[] array) where T : unmanaged => (T*)Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
}
