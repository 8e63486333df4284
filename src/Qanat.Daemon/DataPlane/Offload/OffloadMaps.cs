using System.Buffers.Binary;
using Qanat.Linux.Bpf;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane.Offload;

/// <summary>What the programs and we share.</summary>
internal sealed class OffloadMaps : IDisposable
{
    /// <summary>
    /// The most tunnels that are offloaded at a time: to attach a program, and to detach it, takes the kernel several milliseconds.
    /// And the most Ethernet addresses that are known behind them.
    /// </summary>
    public const int MaxTunnels = 1 << 10, MaxAddresses = 1 << 16;

    /// <summary>The most UDP ports; what arrives at others comes to the daemon.</summary>
    public const int MaxPorts = 1 << 10;

    private int _addresses;

    /// <summary>The counters of each tunnel, by its slot: <see cref="CounterRow"/> on each processor.</summary>
    public BpfMap Counters { get; } = BpfMap.CreatePerCpuArray("qanat_counters", CounterRow.Size, MaxTunnels);

    /// <summary>The tunnels, by what their packets have that arrive: from <see cref="MatchKey"/> to <see cref="MatchValue"/>.</summary>
    public BpfMap Tunnels { get; } = BpfMap.CreateHash("qanat_tunnels", MatchKey.Size, MatchValue.Size, MaxTunnels);

    /// <summary>The UDP ports, from the port in network order (4 bytes) to <see cref="PortValue(UdpService)"/>.</summary>
    public BpfMap Ports { get; } = BpfMap.CreateHash("qanat_ports", sizeof(uint), sizeof(uint), MaxPorts);

    /// <summary>The Ethernet addresses known behind tunnels, from <see cref="AddressKey"/> to 1 when one was heard of, or 0.</summary>
    public BpfMap Addresses { get; } = BpfMap.CreateHash("qanat_addresses", AddressKey.Size, sizeof(ulong), MaxAddresses);

    /// <summary>The kinds of UDP ports, in the lowest byte of their value.</summary>
    public const int Fou = 1, Gue = 2, Vxlan = 3;

    /// <summary>What arrives at a UDP port: a kind, and the protocol in the byte above; 0 for what the programs leave alone.</summary>
    public static uint PortValue(UdpService service) => service.Kind switch
    {
        UdpServiceKind.Fou => Fou | (uint)service.Protocol << 8,
        UdpServiceKind.Gue => Gue,
        UdpServiceKind.Vxlan => Vxlan,
        _ => 0,
    };

    /// <summary>A number as the network has it, in a field of the host.</summary>
    public static uint NetworkOrder(uint value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    /// <summary>The same for 16 bits.</summary>
    public static ushort NetworkOrder(ushort value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    /// <summary>Has the programs know an Ethernet address; false when they know as many as they can.</summary>
    public bool TryAddAddress(AddressKey address)
    {
        if (_addresses == MaxAddresses)
            return false;
        _addresses++;
        Addresses.Set(address, 0UL);
        return true;
    }

    /// <summary>Has them know one no more that they know.</summary>
    public void RemoveAddress(AddressKey address)
    {
        _addresses--;
        Addresses.Remove(address);
    }

    /// <summary>Whether an address was heard of since the last time.</summary>
    public bool TakeHeard(AddressKey address)
    {
        if (!Addresses.TryGet(address, out ulong heard) || heard == 0)
            return false;
        Addresses.Set(address, 0UL);
        return true;
    }

    public void Dispose()
    {
        foreach (var map in (ReadOnlySpan<BpfMap>)[Counters, Tunnels, Ports, Addresses])
            map.Dispose();
    }
}

/// <summary>A tunnel's counters on one processor: four numbers of 8 bytes.</summary>
internal static class CounterRow
{
    public const int Size = 32, TxPackets = 0, TxBytes = 8, RxPackets = 16, RxBytes = 24;
}

/// <summary>An <see cref="OffloadMatch"/>, its addresses, identifier and port in network order.</summary>
internal readonly record struct MatchKey(uint Source, uint Destination, uint Identifier, ushort Kind, ushort Port)
{
    public const int Size = 16, SourceOffset = 0, DestinationOffset = 4, IdentifierOffset = 8, KindOffset = 12, PortOffset = 14;

    public static MatchKey Of(OffloadMatch match) => new(
        OffloadMaps.NetworkOrder(match.Source.Value), OffloadMaps.NetworkOrder(match.Destination.Value),
        // VXLAN has its identifier in the upper 24 bits of a word.
        OffloadMaps.NetworkOrder(match.Kind == OffloadKind.Vxlan ? match.Identifier << 8 : match.Identifier),
        (ushort)match.Kind, OffloadMaps.NetworkOrder(match.Port));
}

/// <summary>Where a tunnel's packets go when they have arrived.</summary>
/// <param name="Device">Index of its device.</param>
/// <param name="Slot">Its row of counters.</param>
/// <param name="MaxLength">Bytes of the largest packet or frame that goes there.</param>
/// <param name="Flags">What it takes.</param>
internal readonly record struct MatchValue(uint Device, uint Slot, uint MaxLength, uint Flags)
{
    public const int Size = 16, DeviceOffset = 0, SlotOffset = 4, MaxLengthOffset = 8, FlagsOffset = 12;

    /// <summary>It carries IPv4, IPv6; it learns Ethernet addresses.</summary>
    public const uint IPv4 = 1, IPv6 = 2, Learns = 4;
}

/// <summary>An Ethernet address behind a tunnel, by the tunnel's slot: its first four bytes and the other two, as they stand.</summary>
internal readonly record struct AddressKey(uint Slot, uint Upper, uint Lower)
{
    public const int Size = 12;

    public static AddressKey Of(uint slot, MacAddress address)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        address.Write(bytes);
        return new(slot, BitConverter.ToUInt32(bytes), BitConverter.ToUInt32(bytes[4..]));
    }
}
