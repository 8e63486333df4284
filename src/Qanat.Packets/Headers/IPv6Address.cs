using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Qanat.Packets;

/// <summary>An IPv6 address as the hot path wants it: a number, most significant byte first in writing.</summary>
/// <param name="Value">The address in host byte order: ::1 is 1.</param>
public readonly record struct IPv6Address(UInt128 Value)
{
    /// <summary>Bytes of an address.</summary>
    public const int Size = 16;

    /// <summary>The unspecified address, ::.</summary>
    public static IPv6Address Any => default;

    /// <summary>True for ::.</summary>
    public bool IsAny => Value == UInt128.Zero;

    /// <summary>True for ff00::/8.</summary>
    public bool IsMulticast => Value >> 120 == 0xFF;

    /// <summary>True for fe80::/10.</summary>
    public bool IsLinkLocal => Value >> 118 == 0x3FA;

    /// <summary>True for ::1.</summary>
    public bool IsLoopback => Value == UInt128.One;

    /// <summary>Reads sixteen bytes in network order.</summary>
    public static IPv6Address Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt128BigEndian(source));

    /// <summary>Writes sixteen bytes in network order.</summary>
    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    /// <summary>Reads text as RFC 4291, 2.2 allows it, without a zone.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out IPv6Address address)
    {
        address = default;
        // .NET would take brackets and ports as well, and leave out a zone that this machine does not have.
        if (text.AsSpan().ContainsAny("[]%/") || !IPAddress.TryParse(text, out var parsed) ||
            parsed.AddressFamily != AddressFamily.InterNetworkV6)
            return false;
        Span<byte> bytes = stackalloc byte[Size];
        parsed.TryWriteBytes(bytes, out _);
        address = Read(bytes);
        return true;
    }

    /// <summary>The address of .NET's own kind, without a zone.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return new IPAddress(bytes);
    }

    /// <summary>Text in the form of RFC 5952.</summary>
    public override string ToString()
    {
        var text = ToIPAddress().ToString();
        // .NET writes the end of an ISATAP address (RFC 5214) as an IPv4 address, which section 5 keeps for mapped ones.
        var isIsatap = ((uint)(Value >> 32) & 0xFCFF_FFFF) == 0x5EFE;
        return isIsatap && text.Contains('.', StringComparison.Ordinal)
            ? $"{text[..text.LastIndexOf(':')]}:{(uint)(Value >> 16) & 0xFFFF:x}:{(uint)Value & 0xFFFF:x}"
            : text;
    }
}
