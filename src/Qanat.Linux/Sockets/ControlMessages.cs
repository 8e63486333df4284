using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <summary>Walks the control data of a received message (cmsg(3)).</summary>
/// <param name="data">The data, as long as the kernel made it.</param>
internal ref struct ControlMessages(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;
    private ReadOnlySpan<byte> _value;

    /// <summary>The protocol that the newest message is of: SOL_SOCKET, IPPROTO_IP.</summary>
    public int Level { get; private set; }

    /// <summary>What the newest message is, among those of its level.</summary>
    public int Type { get; private set; }

    /// <summary>Goes on to the next message. False when there is none.</summary>
    public bool MoveNext()
    {
        var headerLength = Unsafe.SizeOf<cmsghdr>();
        if (_rest.Length < headerLength)
            return false;
        var header = MemoryMarshal.Read<cmsghdr>(_rest);
        if (header.cmsg_len < headerLength || header.cmsg_len > _rest.Length)
            return false;
        (Level, Type) = (header.cmsg_level, header.cmsg_type);
        _value = _rest[headerLength..(int)header.cmsg_len];
        var aligned = ((int)header.cmsg_len + sizeof(long) - 1) & ~(sizeof(long) - 1);
        _rest = _rest[Math.Min(_rest.Length, aligned)..];
        return true;
    }

    /// <summary>The newest message's value; zeros when it is shorter than one.</summary>
    public readonly T Read<T>() where T : unmanaged => MemoryMarshal.TryRead<T>(_value, out var value) ? value : default;
}
