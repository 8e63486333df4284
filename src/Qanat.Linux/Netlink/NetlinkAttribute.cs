using System.Net;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using System.Text;
using static Qanat.Linux.Interop.Netlink;

namespace Qanat.Linux.Netlink;

/// <summary>One attribute of a netlink message: a type and a value.</summary>
/// <remarks>
/// <code>
/// +-------------------------------+---+---+-----------------------+
/// |    nla_len, header included   | N | O |       nla_type        |   N: nested, O: network byte order
/// +-------------------------------+---+---+-----------------------+
/// |                   value, padded to four bytes                 |
/// </code>
/// Source: linux/netlink.h. The readers never throw; a value too short for what is asked reads as zero or as null.
/// </remarks>
public readonly ref struct NetlinkAttribute
{
    internal NetlinkAttribute(ushort type, ReadOnlySpan<byte> value)
    {
        Type = (ushort)(type & NLA_TYPE_MASK);
        Value = value;
    }

    /// <summary>Its type, without the nested and byte-order marks.</summary>
    public ushort Type { get; }

    /// <summary>Its value, as it is.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The attributes that the value holds.</summary>
    public NetlinkAttributes Nested => new(Value);

    /// <summary>A number in host byte order, or a structure.</summary>
    public T Read<T>() where T : unmanaged => MemoryMarshal.TryRead(Value, out T value) ? value : default;

    /// <summary>UTF-8 text up to the first zero.</summary>
    public string ReadText()
    {
        var end = Value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
    }

    /// <summary>An IPv4 or IPv6 address in network order; null for any other length.</summary>
    public IPAddress? ReadAddress() => Value.Length is 4 or 16 ? new IPAddress(Value) : null;

    /// <summary>A link-layer address of any length.</summary>
    public PhysicalAddress ReadLinkLayerAddress() => new(Value.ToArray());
}

/// <summary>Attributes one behind the other, for <c>foreach</c>; a malformed one ends it.</summary>
/// <param name="buffer">The bytes that hold them.</param>
public readonly ref struct NetlinkAttributes(ReadOnlySpan<byte> buffer)
{
    private readonly ReadOnlySpan<byte> _buffer = buffer;

    /// <summary>Walks the attributes.</summary>
    public Enumerator GetEnumerator() => new(_buffer);

    /// <summary>Walks the attributes.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;
        private NetlinkAttribute _current;

        internal Enumerator(ReadOnlySpan<byte> buffer) => _rest = buffer;

        /// <summary>The attribute.</summary>
        public readonly NetlinkAttribute Current => _current;

        /// <summary>Goes to the next attribute.</summary>
        public bool MoveNext()
        {
            if (!MemoryMarshal.TryRead(_rest, out nlattr header) || header.nla_len < 4 || header.nla_len > _rest.Length)
                return false;
            _current = new(header.nla_type, _rest[4..header.nla_len]);
            _rest = _rest[Math.Min(Align(header.nla_len), _rest.Length)..];
            return true;
        }
    }
}
