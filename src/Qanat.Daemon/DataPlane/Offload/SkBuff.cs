namespace Qanat.Daemon.DataPlane.Offload;

/// <summary>What programs at a device see of a packet and may do with it (linux/bpf.h).</summary>
internal static class SkBuff
{
    /// <summary>Fields of <c>struct __sk_buff</c>: where they are. Each has 4 bytes, in the host's order but for the protocol.</summary>
    public const int Length = 0, PacketType = 4, Protocol = 16, VlanPresent = 20, Data = 76, DataEnd = 80, GsoSegments = 164, GsoSize = 176;

    /// <summary>The numbers of <c>enum bpf_func_id</c>.</summary>
    public const int MapLookup = 1, RandomNumber = 7, StoreBytes = 9, Redirect = 23, LoadBytes = 26, GetHash = 34,
        PullData = 39, ChangeHead = 43, AdjustRoom = 50, RedirectNeighbour = 152;

    /// <summary>What a program says of a packet: that others decide, or that it ends here (enum tcx_action_base).</summary>
    public const int Next = -1, Drop = 2;

    /// <summary>The packet is for this host by its Ethernet address (linux/if_packet.h).</summary>
    public const int PacketHost = 0;

    /// <summary>The redirected packet arrives at the device (BPF_F_INGRESS).</summary>
    public const int Ingress = 1;

    /// <summary>Room is made behind the Ethernet header (BPF_ADJ_ROOM_MAC).</summary>
    public const int AfterMac = 1;

    /// <summary>Flags of <c>bpf_skb_adjust_room</c>.</summary>
    public const ulong FixedGso = 1 << 0, EncapIPv4 = 1 << 1, EncapGre = 1 << 3, EncapUdp = 1 << 4, EncapEthernet = 1 << 6,
        DecapIPv4 = 1 << 7, DecapIPv6 = 1 << 8;

    /// <summary>The flag that says how many bytes of an inner link header the room has (BPF_F_ADJ_ROOM_ENCAP_L2).</summary>
    public static ulong EncapLink(int length) => (ulong)length << 56;
}
