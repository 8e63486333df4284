using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Qanat.Linux.Interop.Netlink;

namespace Qanat.Linux.Netlink;

/// <summary>One netlink message inside a receive buffer.</summary>
/// <remarks>
/// <code>
///  0               1               2               3
/// +---------------------------------------------------------------+
/// |                    nlmsg_len, header included                 |
/// +-------------------------------+-------------------------------+
/// |          nlmsg_type           |          nlmsg_flags          |
/// +-------------------------------+-------------------------------+
/// |                           nlmsg_seq                           |
/// +---------------------------------------------------------------+
/// |                           nlmsg_pid                           |
/// +---------------------------------------------------------------+
/// |              the family's header, then attributes             |
/// </code>
/// All in host byte order. Source: linux/netlink.h.
/// </remarks>
public readonly ref struct NetlinkMessage
{
    /// <summary>Length of the netlink header in bytes.</summary>
    public const int HeaderLength = 16;

    private readonly nlmsghdr _header;

    private NetlinkMessage(nlmsghdr header, ReadOnlySpan<byte> payload)
    {
        _header = header;
        Payload = payload;
    }

    /// <summary>What the message is: NLMSG_ERROR, RTM_NEWLINK and so on.</summary>
    public ushort Type => _header.nlmsg_type;

    /// <summary>NLM_F_* flags.</summary>
    public ushort Flags => _header.nlmsg_flags;

    /// <summary>The number of the request that this answers; 0 for notifications of what the kernel did by itself.</summary>
    public uint Sequence => _header.nlmsg_seq;

    /// <summary>What follows the netlink header.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Splits the payload into the family's header and the attributes behind it.</summary>
    /// <returns>False when the payload is shorter than the header.</returns>
    public bool TryRead<T>(out T header, out NetlinkAttributes attributes) where T : unmanaged
    {
        attributes = default;
        if (!MemoryMarshal.TryRead(Payload, out header))
            return false;
        attributes = new(Payload[Math.Min(Align(Unsafe.SizeOf<T>()), Payload.Length)..]);
        return true;
    }

    /// <summary>Reads the message at the start of a buffer.</summary>
    /// <param name="buffer">Messages, one behind the other.</param>
    /// <param name="message">The first of them.</param>
    /// <param name="consumed">Where the next begins.</param>
    /// <returns>False when there is none, or its length is beyond the buffer or too small to be one.</returns>
    public static bool TryParse(ReadOnlySpan<byte> buffer, out NetlinkMessage message, out int consumed)
    {
        message = default;
        consumed = 0;
        if (!MemoryMarshal.TryRead(buffer, out nlmsghdr header) || header.nlmsg_len < HeaderLength ||
            header.nlmsg_len > (uint)buffer.Length)
            return false;
        var length = (int)header.nlmsg_len;
        message = new(header, buffer[HeaderLength..length]);
        consumed = Math.Min(Align(length), buffer.Length);
        return true;
    }
}

/// <summary>The messages of one datagram, for <c>foreach</c>; a malformed one ends it.</summary>
/// <param name="datagram">What one receive call gave.</param>
public readonly ref struct NetlinkMessages(ReadOnlySpan<byte> datagram)
{
    private readonly ReadOnlySpan<byte> _datagram = datagram;

    /// <summary>Walks the messages.</summary>
    public Enumerator GetEnumerator() => new(_datagram);

    /// <summary>Walks the messages.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;
        private NetlinkMessage _current;

        internal Enumerator(ReadOnlySpan<byte> datagram) => _rest = datagram;

        /// <summary>The message.</summary>
        public readonly NetlinkMessage Current => _current;

        /// <summary>Goes to the next message.</summary>
        public bool MoveNext()
        {
            if (!NetlinkMessage.TryParse(_rest, out _current, out var consumed))
                return false;
            _rest = _rest[consumed..];
            return true;
        }
    }
}

/// <summary>A fact that the kernel tells in one netlink message.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface INetlinkParsable<TSelf> where TSelf : class, INetlinkParsable<TSelf>
{
    /// <summary>Reads the fact out of a message, whatever its type; never throws.</summary>
    /// <returns>False when the message is not about such a thing, or malformed.</returns>
    static abstract bool TryParse(NetlinkMessage message, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TSelf? value);
}
