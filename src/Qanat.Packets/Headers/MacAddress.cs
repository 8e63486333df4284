using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>An Ethernet address (EUI-48).</summary>
/// <param name="Value">The address as a number of 48 bits: 52:54:00:87:42:00 is 0x525400874200.</param>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>Bytes of an address.</summary>
    public const int Size = 6;

    /// <summary>ff:ff:ff:ff:ff:ff.</summary>
    public static MacAddress Broadcast => new(0xFFFF_FFFF_FFFF);

    /// <summary>True for ff:ff:ff:ff:ff:ff.</summary>
    public bool IsBroadcast => this == Broadcast;

    /// <summary>True for group addresses, broadcast among them: the lowest bit of the first byte.</summary>
    public bool IsMulticast => (Value >> 40 & 1) != 0;

    /// <summary>Reads six bytes in the order of the wire.</summary>
    public static MacAddress Read(ReadOnlySpan<byte> source) =>
        new((ulong)BinaryPrimitives.ReadUInt16BigEndian(source) << 32 | BinaryPrimitives.ReadUInt32BigEndian(source[2..]));

    /// <summary>Writes six bytes in the order of the wire.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[2..], (uint)Value);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(Value >> 32));
    }

    /// <summary>Six pairs of lower-case hexadecimal digits with colons.</summary>
    public override string ToString()
    {
        var bytes = new byte[Size];
        Write(bytes);
        return string.Join(':', bytes.Select(value => $"{value:x2}"));
    }
}
