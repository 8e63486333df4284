using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static Qanat.Linux.Interop.Netlink;

namespace Qanat.Linux.Netlink;

/// <summary>
/// Writes one netlink message into a caller's buffer: the header, the family's own header, then attributes, nested or not.
/// Numbers are in host byte order, as netlink wants them.
/// </summary>
/// <remarks>Source: linux/netlink.h. A message longer than its buffer is an <see cref="ArgumentException"/>.</remarks>
public ref struct NetlinkWriter
{
    private readonly Span<byte> _buffer;

    /// <summary>Begins a message.</summary>
    /// <param name="buffer">Where it is written; 1024 bytes hold any message that this library writes.</param>
    /// <param name="type">Its type, such as RTM_NEWROUTE.</param>
    /// <param name="flags">NLM_F_* flags; NLM_F_REQUEST is added.</param>
    public NetlinkWriter(Span<byte> buffer, ushort type, ushort flags = 0)
    {
        _buffer = buffer;
        Append(new nlmsghdr { nlmsg_type = type, nlmsg_flags = (ushort)(flags | NLM_F_REQUEST) });
    }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Writes a structure as it is: the family's header, which follows the netlink header.</summary>
    public void Append<T>(in T header) where T : unmanaged => MemoryMarshal.Write(Take(Unsafe.SizeOf<T>()), in header);

    /// <summary>Adds an attribute of bytes.</summary>
    public void Add(ushort type, scoped ReadOnlySpan<byte> value)
    {
        Append(new nlattr { nla_len = checked((ushort)(4 + value.Length)), nla_type = type });
        value.CopyTo(Take(value.Length));
    }

    /// <summary>Adds an attribute that is a number or a structure; its type decides how many bytes it has.</summary>
    public void Add<T>(ushort type, T value) where T : unmanaged
    {
        Append(new nlattr { nla_len = (ushort)(4 + Unsafe.SizeOf<T>()), nla_type = type });
        Append(value);
    }

    /// <summary>Adds an attribute of text: UTF-8 with a zero behind.</summary>
    /// <exception cref="ArgumentException">The text has a zero in it.</exception>
    public void Add(ushort type, string value)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("The text has a zero character in it.", nameof(value));
        var length = Encoding.UTF8.GetByteCount(value) + 1;
        Append(new nlattr { nla_len = checked((ushort)(4 + length)), nla_type = type });
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    /// <summary>Adds an address: four or sixteen bytes in network order.</summary>
    public void Add(ushort type, IPAddress value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, out var length);
        Add(type, bytes[..length]);
    }

    /// <summary>Begins an attribute that holds others; <see cref="EndNest"/> closes it.</summary>
    /// <returns>Where it begins.</returns>
    public int BeginNest(ushort type)
    {
        var start = Length;
        Append(new nlattr { nla_type = (ushort)(type | NLA_F_NESTED) });
        return start;
    }

    /// <summary>Closes the attribute that began at <paramref name="start"/>: its length is what has been written since.</summary>
    public readonly void EndNest(int start) => EndRecord(start);

    /// <summary>Closes any record that begins with its own 16-bit length, as attributes and rtnexthop do.</summary>
    internal readonly void EndRecord(int start)
    {
        var length = checked((ushort)(Length - start));
        MemoryMarshal.Write(_buffer[start..], in length);
    }

    /// <summary>The whole message, with its length, sequence number and further flags filled in.</summary>
    internal readonly ReadOnlySpan<byte> Complete(uint sequence, ushort flags)
    {
        ref var header = ref MemoryMarshal.AsRef<nlmsghdr>(_buffer);
        header.nlmsg_len = (uint)Length;
        header.nlmsg_flags |= flags;
        header.nlmsg_seq = sequence;
        return _buffer[..Length];
    }

    // What is taken begins and ends at a multiple of four; the gap is zero.
    private Span<byte> Take(int length)
    {
        if (length > _buffer.Length - Length || Align(length) > _buffer.Length - Length)
            throw new ArgumentException($"A netlink message is longer than its buffer of {_buffer.Length} bytes.");
        var taken = _buffer.Slice(Length, Align(length));
        taken.Clear();
        Length += taken.Length;
        return taken[..length];
    }
}
