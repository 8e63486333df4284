using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Qanat.Packets;

/// <summary>An IPv4 address as the hot path wants it: a number, most significant byte first in writing.</summary>
/// <param name="Value">The address in host byte order: 192.0.2.1 is 0xC0000201.</param>
public readonly record struct IPv4Address(uint Value)
{
    /// <summary>0.0.0.0, which stands for "any" in a tunnel's parameters.</summary>
    public static IPv4Address Any => default;

    /// <summary>True for 0.0.0.0.</summary>
    public bool IsAny => Value == 0;

    /// <summary>True for 224.0.0.0/4.</summary>
    public bool IsMulticast => Value >> 28 == 0xE;

    /// <summary>True for 255.255.255.255.</summary>
    public bool IsLimitedBroadcast => Value == uint.MaxValue;

    /// <summary>True for 127.0.0.0/8.</summary>
    public bool IsLoopback => Value >> 24 == 127;

    /// <summary>Reads four bytes in network order.</summary>
    public static IPv4Address Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt32BigEndian(source));

    /// <summary>Writes four bytes in network order.</summary>
    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt32BigEndian(destination, Value);

    /// <summary>Reads dotted-quad text, all four parts decimal.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out IPv4Address address)
    {
        address = default;
        if (text is null || text.Count(c => c == '.') != 3 || !IPAddress.TryParse(text, out var parsed) ||
            parsed.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
            return false;
        address = From(parsed);
        return true;
    }

    /// <summary>The same address as <paramref name="address"/>, which must be an IPv4 one; any when it is not.</summary>
    public static IPv4Address From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out var written) && written == 4 ? Read(bytes) : Any;
    }

    /// <summary>The address of .NET's own kind.</summary>
    public IPAddress ToIPAddress() => new(IPAddress.HostToNetworkOrder((int)Value) & 0xFFFFFFFFL);

    /// <summary>Dotted-quad text.</summary>
    public override string ToString() => $"{Value >> 24}.{Value >> 16 & 0xFF}.{Value >> 8 & 0xFF}.{Value & 0xFF}";
}
