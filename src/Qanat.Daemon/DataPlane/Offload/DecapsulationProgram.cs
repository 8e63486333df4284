using Qanat.Linux.Bpf;
using Qanat.Packets;
using Qanat.Tunnels;
using static Qanat.Linux.Bpf.BpfRegister;

namespace Qanat.Daemon.DataPlane.Offload;

/// <summary>
/// The program at the way in of an underlay's device: it takes the headers off packets that are surely a tunnel's, and has them
/// arrive at the tunnel's device. All others it leaves alone: fragments, options, errors, congestion that the inner packet must be
/// told of, addresses that are news. The daemon has them then, and its rules and counters hold for them.
/// </summary>
/// <remarks>
/// R7 is where the inner packet begins, counted from the Ethernet header, R8 the tunnel, R9 the outer packet's length.
/// </remarks>
internal sealed class DecapsulationProgram : PacketProgram
{
    private const int Ip = Ethernet, Payload = Ip + IPv4Header.MinSize;

    // Below the frame pointer. An Ethernet header ends where the IP header begins.
    private const int Key = -16, Headers = -32, Inner = -52, InnerEthernet = Inner - Ethernet, Address = -80, MapKey = -84, Tos = -88,
        Version = -92;

    private readonly OffloadMaps _maps;
    private readonly BpfLabel _byProtocol, _packet, _frame;

    private DecapsulationProgram(OffloadMaps maps)
    {
        _maps = maps;
        (_byProtocol, _packet, _frame) = (Code.Label(), Code.Label(), Code.Label());
    }

    /// <summary>Assembles it.</summary>
    public static BpfAssembler Assemble(OffloadMaps maps)
    {
        var program = new DecapsulationProgram(maps);
        program.Write();
        return program.Code;
    }

    private void Write()
    {
        ReadIp();
        ReadUdp();
        Code.Mark(_byProtocol);
        ReadGre();
        DeliverPacket();
        DeliverFrame();
        End();
    }

    // To R4, the protocol of what follows; on to where that is looked at.
    private void ReadIp()
    {
        var (whole, wanted) = (Code.Label(), Code.Label());
        Require(SkBuff.PacketType, SkBuff.PacketHost);
        Require(SkBuff.VlanPresent, 0);
        Require(SkBuff.Protocol, OffloadMaps.NetworkOrder((ushort)EtherType.IPv4));
        Point(whole);
        PullData(Payload);
        Point(whole);
        Code.Jump(Pass);

        Code.Mark(whole);
        Code.Load(BpfSize.Byte, R4, R2, Ip + 9);
        foreach (var protocol in (ReadOnlySpan<IpProtocol>)[IpProtocol.Udp, IpProtocol.IpIp, IpProtocol.IPv6, IpProtocol.Gre])
            Code.JumpIf(BpfCondition.Equal, R4, (int)protocol, wanted);
        Code.Jump(Pass);

        Code.Mark(wanted);
        Code.Load(BpfSize.Byte, R3, R2, Ip);
        Code.JumpIf(BpfCondition.NotEqual, R3, 0x45, Pass);
        Code.Load(BpfSize.Half, R3, R2, Ip + 6);
        Code.JumpIf(BpfCondition.AnyBit, R3, OffloadMaps.NetworkOrder(0x3FFF), Pass);
        SumHeader(R5, R2, Ip);
        Code.JumpIf(BpfCondition.NotEqual, R5, 0xFFFF, Pass);
        Code.Load(BpfSize.Half, R9, R2, Ip + 2);
        Code.ToBigEndian(R9, BpfSize.Half);
        Code.Load(BpfSize.Word, R3, R6, SkBuff.Length);
        Code.Compute(BpfOperation.Subtract, R3, Ethernet);
        Code.JumpIf(BpfCondition.Above, R9, R3, Pass);
        Code.Load(BpfSize.Byte, R3, R2, Ip + 1);
        Code.Store(BpfSize.Word, R10, Tos, R3);
        Code.Load(BpfSize.Word, R3, R2, Ip + 12);
        Code.Store(BpfSize.Word, R10, Key + MatchKey.SourceOffset, R3);
        Code.Load(BpfSize.Word, R3, R2, Ip + 16);
        Code.Store(BpfSize.Word, R10, Key + MatchKey.DestinationOffset, R3);
        Code.Store(BpfSize.Word, R10, Key + MatchKey.IdentifierOffset, 0);
        Code.Store(BpfSize.Half, R10, Key + MatchKey.PortOffset, 0);
        Code.Move(R7, Payload);
        Code.JumpIf(BpfCondition.NotEqual, R4, (int)IpProtocol.Udp, _byProtocol);
    }

    // On to the whole label with R2 at the Ethernet header, if both headers can be read there.
    private void Point(BpfLabel whole)
    {
        Code.Load(BpfSize.Word, R2, R6, SkBuff.Data);
        Code.Load(BpfSize.Word, R3, R6, SkBuff.DataEnd);
        Code.Move(R5, R2);
        Code.Compute(BpfOperation.Add, R5, Payload);
        Code.JumpIf(BpfCondition.AtMost, R5, R3, whole);
    }

    private void ReadUdp()
    {
        var (vxlan, gue) = (Code.Label(), Code.Label());
        LoadBytes(Headers, 16);
        Code.Load(BpfSize.Half, R2, R10, Headers + 2);
        Code.Store(BpfSize.Word, R10, MapKey, R2);
        Lookup(_maps.Ports, MapKey, Pass);
        Code.Load(BpfSize.Word, R4, R0, 0);
        Code.Load(BpfSize.Half, R2, R10, Headers + 4);
        Code.ToBigEndian(R2, BpfSize.Half);
        Code.Compute(BpfOperation.Add, R2, IPv4Header.MinSize);
        Code.JumpIf(BpfCondition.NotEqual, R2, R9, Pass);
        Code.JumpIf(BpfCondition.Equal, R4, OffloadMaps.Vxlan, vxlan);
        Code.Load(BpfSize.Half, R2, R10, Headers + 6);
        Code.JumpIf(BpfCondition.NotEqual, R2, 0, Pass); // a checksum, which is the daemon's to verify
        Code.JumpIf(BpfCondition.Equal, R4, OffloadMaps.Gue, gue);
        Code.Compute(BpfOperation.ShiftRight, R4, 8);
        Code.Move(R7, Payload + UdpHeader.Size);
        Code.Jump(_byProtocol);

        Code.Mark(gue);
        Code.Load(BpfSize.Byte, R2, R10, Headers + 8);
        Code.JumpIf(BpfCondition.NotEqual, R2, 0, Pass);
        Code.Load(BpfSize.Half, R2, R10, Headers + 10);
        Code.JumpIf(BpfCondition.NotEqual, R2, 0, Pass);
        Code.Load(BpfSize.Byte, R4, R10, Headers + 9);
        Code.Move(R7, Payload + UdpHeader.Size + 4);
        Code.Jump(_byProtocol);

        Code.Mark(vxlan);
        Code.Load(BpfSize.Word, R2, R10, Headers + 8);
        Code.JumpIf(BpfCondition.NotEqual, R2, (int)OffloadMaps.NetworkOrder(0x0800_0000u), Pass);
        Code.Load(BpfSize.Byte, R2, R10, Headers + 15);
        Code.JumpIf(BpfCondition.NotEqual, R2, 0, Pass);
        Code.Load(BpfSize.Word, R2, R10, Headers + 12);
        Code.Store(BpfSize.Word, R10, Key + MatchKey.IdentifierOffset, R2);
        Code.Load(BpfSize.Half, R2, R10, Headers + 2);
        Code.Store(BpfSize.Half, R10, Key + MatchKey.PortOffset, R2);
        Code.Store(BpfSize.Half, R10, Key + MatchKey.KindOffset, (int)OffloadKind.Vxlan);
        Code.Move(R7, Payload + UdpHeader.Size + VxlanHeader.Size);
        Code.Jump(_frame);
    }

    // R4 is the protocol. GRE has a protocol field of its own, and perhaps a key.
    private void ReadGre()
    {
        var (gre, keyed, type, ipv4) = (Code.Label(), Code.Label(), Code.Label(), Code.Label());
        Code.Store(BpfSize.Half, R10, Key + MatchKey.KindOffset, (int)OffloadKind.Ipip);
        Code.Store(BpfSize.Word, R10, Version, 4);
        Code.JumpIf(BpfCondition.Equal, R4, (int)IpProtocol.IpIp, _packet);
        Code.Store(BpfSize.Half, R10, Key + MatchKey.KindOffset, (int)OffloadKind.Sit);
        Code.Store(BpfSize.Word, R10, Version, 6);
        Code.JumpIf(BpfCondition.Equal, R4, (int)IpProtocol.IPv6, _packet);
        Code.JumpIf(BpfCondition.Equal, R4, (int)IpProtocol.Gre, gre);
        Code.Jump(Pass);

        Code.Mark(gre);
        LoadBytes(Headers, 8);
        Code.Move(R4, (int)OffloadKind.Gre);
        Code.Load(BpfSize.Half, R2, R10, Headers);
        Code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder(0x2000), keyed);
        Code.JumpIf(BpfCondition.NotEqual, R2, 0, Pass);
        Code.Compute(BpfOperation.Add, R7, 4);
        Code.Jump(type);
        Code.Mark(keyed);
        Code.Move(R4, (int)OffloadKind.GreKey);
        Code.Load(BpfSize.Word, R2, R10, Headers + 4);
        Code.Store(BpfSize.Word, R10, Key + MatchKey.IdentifierOffset, R2);
        Code.Compute(BpfOperation.Add, R7, 8);

        Code.Mark(type);
        Code.Store(BpfSize.Half, R10, Key + MatchKey.KindOffset, R4);
        Code.Load(BpfSize.Half, R2, R10, Headers + 2);
        Code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv6), _packet);
        Code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv4), ipv4);
        Code.JumpIf(BpfCondition.NotEqual, R2, OffloadMaps.NetworkOrder((ushort)EtherType.TransparentEthernet), Pass);
        Code.Compute(BpfOperation.Add, R4, OffloadKind.Gretap - OffloadKind.Gre);
        Code.Store(BpfSize.Half, R10, Key + MatchKey.KindOffset, R4);
        Code.Jump(_frame);
        Code.Mark(ipv4);
        Code.Store(BpfSize.Word, R10, Version, 4);
    }

    private void DeliverPacket()
    {
        var ipv6 = Code.Label();
        Code.Mark(_packet);
        Lookup(_maps.Tunnels, Key, Pass);
        Code.Move(R8, R0);
        LoadBytes(Inner, IPv4Header.MinSize);
        Code.Load(BpfSize.Byte, R2, R10, Inner);
        Code.Compute(BpfOperation.ShiftRight, R2, 4);
        Code.Load(BpfSize.Word, R3, R10, Version);
        Code.JumpIf(BpfCondition.NotEqual, R2, R3, Pass);
        Code.JumpIf(BpfCondition.Equal, R3, 6, ipv6);
        RequireFlag(MatchValue.IPv4);
        PassKeepalive();
        Deliver(isIPv6: false, isFrame: false);
        Code.Mark(ipv6);
        RequireFlag(MatchValue.IPv6);
        Deliver(isIPv6: true, isFrame: false);
    }

    // GRE in GRE may be addressed back to its sender, which the daemon does.
    private void PassKeepalive()
    {
        var other = Code.Label();
        Code.Load(BpfSize.Half, R2, R10, Key + MatchKey.KindOffset);
        Code.JumpIf(BpfCondition.Equal, R2, (int)OffloadKind.Ipip, other);
        Code.Load(BpfSize.Byte, R2, R10, Inner + 9);
        Code.JumpIf(BpfCondition.Equal, R2, (int)IpProtocol.Gre, Pass);
        Code.Mark(other);
    }

    private void DeliverFrame()
    {
        var (ipv6, known) = (Code.Label(), Code.Label());
        Code.Mark(_frame);
        Lookup(_maps.Tunnels, Key, Pass);
        Code.Move(R8, R0);
        LoadBytes(InnerEthernet, Ethernet + IPv4Header.MinSize);
        Code.Load(BpfSize.Word, R2, R8, MatchValue.FlagsOffset);
        Code.Compute(BpfOperation.And, R2, (int)MatchValue.Learns);
        Code.JumpIf(BpfCondition.Equal, R2, 0, known);
        Code.Load(BpfSize.Word, R2, R8, MatchValue.SlotOffset);
        Code.Store(BpfSize.Word, R10, Address, R2);
        Code.Load(BpfSize.Word, R2, R10, InnerEthernet + 6);
        Code.Store(BpfSize.Word, R10, Address + 4, R2);
        Code.Load(BpfSize.Half, R2, R10, InnerEthernet + 10);
        Code.Store(BpfSize.Word, R10, Address + 8, R2);
        Lookup(_maps.Addresses, Address, Pass);
        Code.Store(BpfSize.Double, R0, 0, 1); // heard of; the daemon takes it back
        Code.Mark(known);
        Code.Compute(BpfOperation.Add, R7, Ethernet);
        Code.Load(BpfSize.Half, R2, R10, Inner - 2);
        Code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv6), ipv6);
        Code.JumpIf(BpfCondition.NotEqual, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv4), Pass);
        Deliver(isIPv6: false, isFrame: true);
        Code.Mark(ipv6);
        Deliver(isIPv6: true, isFrame: true);
    }

    // R7 is where the inner IP header begins, of which the first bytes are on the stack.
    private void Deliver(bool isIPv6, bool isFrame)
    {
        var (ecn, super, gone) = (Code.Label(), Code.Label(), Code.Label());
        if (isIPv6)
        {
            Code.Load(BpfSize.Half, R4, R10, Inner + 4);
            Code.ToBigEndian(R4, BpfSize.Half);
            Code.Compute(BpfOperation.Add, R4, IPv6Header.Size);
            Code.Load(BpfSize.Half, R5, R10, Inner);
            Code.ToBigEndian(R5, BpfSize.Half);
            Code.Compute(BpfOperation.ShiftRight, R5, 4);
        }
        else
        {
            Code.Load(BpfSize.Half, R4, R10, Inner + 2);
            Code.ToBigEndian(R4, BpfSize.Half);
            Code.Load(BpfSize.Byte, R5, R10, Inner + 1);
        }
        // Datagrams that the kernel has joined (UDP_GRO) are more than the first of them says.
        Code.Move(R3, R4);
        Code.Compute(BpfOperation.Add, R3, R7);
        Code.Compute(BpfOperation.Subtract, R3, Ethernet);
        Code.JumpIf(BpfCondition.NotEqual, R3, R9, Pass);
        // ECN that the inner packet has already, or that says nothing, needs no work (RFC 6040, 4.2).
        Code.Load(BpfSize.Word, R2, R10, Tos);
        Code.Compute(BpfOperation.And, R2, EcnPropagation.Mask);
        Code.JumpIf(BpfCondition.Equal, R2, 0, ecn);
        Code.Compute(BpfOperation.And, R5, EcnPropagation.Mask);
        Code.JumpIf(BpfCondition.NotEqual, R2, R5, Pass);
        Code.Mark(ecn);
        if (isFrame)
            Code.Compute(BpfOperation.Add, R4, Ethernet);
        Code.Move(R9, R4);
        Code.Load(BpfSize.Word, R2, R6, SkBuff.GsoSize);
        Code.JumpIf(BpfCondition.NotEqual, R2, 0, super);
        Code.Load(BpfSize.Word, R2, R8, MatchValue.MaxLengthOffset);
        Code.JumpIf(BpfCondition.Above, R9, R2, Pass);
        Code.Mark(super);
        Code.Load(BpfSize.Word, R2, R6, SkBuff.GsoSegments);
        Code.Store(BpfSize.Word, R10, Tos, R2);

        Code.Move(R2, Ethernet);
        Code.Compute(BpfOperation.Subtract, R2, R7);
        AdjustRoom(SkBuff.FixedGso | (isIPv6 ? SkBuff.DecapIPv6 : SkBuff.DecapIPv4));
        if (isFrame)
            StoreBytes(InnerEthernet, Ethernet, gone);
        Code.Load(BpfSize.Word, R2, R8, MatchValue.SlotOffset);
        Code.Store(BpfSize.Word, R10, MapKey, R2);
        Count(_maps.Counters, MapKey, Tos, CounterRow.RxPackets, CounterRow.RxBytes);
        Code.Load(BpfSize.Word, R1, R8, MatchValue.DeviceOffset);
        Code.Move(R2, SkBuff.Ingress);
        Code.Call(SkBuff.Redirect);
        Code.Exit();
        if (!isFrame)
            return;
        Code.Mark(gone);
        Drop();
    }

    private void Require(int field, int value)
    {
        Code.Load(BpfSize.Word, R2, R6, field);
        Code.JumpIf(BpfCondition.NotEqual, R2, value, Pass);
    }

    private void RequireFlag(uint flag)
    {
        Code.Load(BpfSize.Word, R2, R8, MatchValue.FlagsOffset);
        Code.Compute(BpfOperation.And, R2, (int)flag);
        Code.JumpIf(BpfCondition.Equal, R2, 0, Pass);
    }
}
