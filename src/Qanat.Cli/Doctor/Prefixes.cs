using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor;

/// <summary>Networks: what they have in common, and addresses that stand for them.</summary>
internal static class Prefixes
{
    /// <summary>Whether two networks have an address in common.</summary>
    public static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);

    /// <summary>The network that an address of a device is in.</summary>
    public static IPNetwork Of(InterfaceAddress address) => Of(address.Peer ?? address.Address, address.PrefixLength);

    /// <summary>The network that has an address alone: <c>192.0.2.1/32</c>.</summary>
    public static IPNetwork Alone(IPAddress address) => new(address, address.GetAddressBytes().Length * 8);

    /// <summary>The network of so many bits that an address is in.</summary>
    public static IPNetwork Of(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xFF00 >> Math.Clamp(length - i * 8, 0, 8));
        return new(new IPAddress(bytes), length);
    }

    /// <summary>
    /// An address that stands for a network, in none of the smaller networks in it: near its beginning, in the middle or near its
    /// end. Null when the smaller ones have all of these.
    /// </summary>
    public static IPAddress? Sample(IPNetwork network, IEnumerable<IPNetwork> smaller)
    {
        IPNetwork[] inside = [.. smaller.Where(other =>
            other.PrefixLength > network.PrefixLength && other.BaseAddress.AddressFamily == network.BaseAddress.AddressFamily &&
            network.Contains(other.BaseAddress))];
        return Array.Find([.. Candidates(network)], address => !Array.Exists(inside, other => other.Contains(address)));
    }

    private static IEnumerable<IPAddress> Candidates(IPNetwork network)
    {
        var isIPv4 = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        var hostBits = (isIPv4 ? 32 : 128) - network.PrefixLength;
        if (hostBits == 0)
            return [network.BaseAddress];
        // 0.0.0.0/0 begins with addresses that are none; the rest are as good as any.
        var half = (UInt128)1 << (hostBits - 1);
        UInt128[] hosts = network.PrefixLength == 0
            ? isIPv4 ? [0x0100_0001, 0x8000_0001] : [new(0x2000_0000_0000_0000, 1), new(0x3000_0000_0000_0000, 1)]
            : [hostBits == 1 ? UInt128.Zero : UInt128.One, 2, half, half + 1, half + (half - 1) - 1];
        return hosts.Where(host => host <= half + (half - 1)).Select(host => Add(network.BaseAddress, host)).Distinct();
    }

    private static IPAddress Add(IPAddress address, UInt128 number)
    {
        var bytes = address.GetAddressBytes();
        if (bytes.Length == 4)
            BinaryPrimitives.WriteUInt32BigEndian(bytes, BinaryPrimitives.ReadUInt32BigEndian(bytes) + (uint)number);
        else
            BinaryPrimitives.WriteUInt128BigEndian(bytes, BinaryPrimitives.ReadUInt128BigEndian(bytes) + number);
        return new(bytes);
    }
}
