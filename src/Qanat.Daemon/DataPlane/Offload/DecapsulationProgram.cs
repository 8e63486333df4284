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
/// R6 is the packet, R7 where the inner packet begins, counted from the Ethernet header, R8 the tunnel, R9 the outer packet's length.
/// </remarks>
internal sealed class DecapsulationProgram
{
    private const int Ethernet = EthernetHeader.MinSize, Ip = Ethernet, Payload = Ip + IPv4Header.MinSize;

    // Below the frame pointer. An Ethernet header ends where the IP header begins.
    private const int Key = -16, Headers = -32, Inner = -52, InnerEthernet = Inner - Ethernet, Address = -80, MapKey = -84, Tos = -88,
        Version = -92;

    private readonly BpfAssembler _code = new();
    private readonly OffloadMaps _maps;
    private readonly BpfLabel _pass, _byProtocol, _packet, _frame;

    private DecapsulationProgram(OffloadMaps maps)
    {
        _maps = maps;
        (_pass, _byProtocol, _packet, _frame) = (_code.Label(), _code.Label(), _code.Label(), _code.Label());
    }

    /// <summary>Assembles it.</summary>
    public static BpfAssembler Assemble(OffloadMaps maps)
    {
        var program = new DecapsulationProgram(maps);
        program.Write();
        return program._code;
    }

    private void Write()
    {
        _code.Move(R6, R1);
        ReadIp();
        ReadUdp();
        _code.Mark(_byProtocol);
        ReadGre();
        DeliverPacket();
        DeliverFrame();
        _code.Mark(_pass);
        _code.Move(R0, SkBuff.Next);
        _code.Exit();
    }

    // To R4, the protocol of what follows; on to where that is looked at.
    private void ReadIp()
    {
        var (whole, wanted) = (_code.Label(), _code.Label());
        Require(SkBuff.PacketType, SkBuff.PacketHost);
        Require(SkBuff.VlanPresent, 0);
        Require(SkBuff.Protocol, OffloadMaps.NetworkOrder((ushort)EtherType.IPv4));
        Point(whole);
        _code.Move(R1, R6);
        _code.Move(R2, Payload);
        _code.Call(SkBuff.PullData);
        _code.JumpIf(BpfCondition.NotEqual, R0, 0, _pass);
        Point(whole);
        _code.Jump(_pass);

        _code.Mark(whole);
        _code.Load(BpfSize.Byte, R4, R2, Ip + 9);
        foreach (var protocol in (ReadOnlySpan<IpProtocol>)[IpProtocol.Udp, IpProtocol.IpIp, IpProtocol.IPv6, IpProtocol.Gre])
            _code.JumpIf(BpfCondition.Equal, R4, (int)protocol, wanted);
        _code.Jump(_pass);

        _code.Mark(wanted);
        _code.Load(BpfSize.Byte, R3, R2, Ip);
        _code.JumpIf(BpfCondition.NotEqual, R3, 0x45, _pass);
        _code.Load(BpfSize.Half, R3, R2, Ip + 6);
        _code.JumpIf(BpfCondition.AnyBit, R3, OffloadMaps.NetworkOrder(0x3FFF), _pass);
        Checksums.SumHeader(_code, R5, R2, Ip);
        _code.JumpIf(BpfCondition.NotEqual, R5, 0xFFFF, _pass);
        _code.Load(BpfSize.Half, R9, R2, Ip + 2);
        _code.ToBigEndian(R9, BpfSize.Half);
        _code.Load(BpfSize.Word, R3, R6, SkBuff.Length);
        _code.Compute(BpfOperation.Subtract, R3, Ethernet);
        _code.JumpIf(BpfCondition.Above, R9, R3, _pass);
        _code.Load(BpfSize.Byte, R3, R2, Ip + 1);
        _code.Store(BpfSize.Word, R10, Tos, R3);
        _code.Load(BpfSize.Word, R3, R2, Ip + 12);
        _code.Store(BpfSize.Word, R10, Key + MatchKey.SourceOffset, R3);
        _code.Load(BpfSize.Word, R3, R2, Ip + 16);
        _code.Store(BpfSize.Word, R10, Key + MatchKey.DestinationOffset, R3);
        _code.Store(BpfSize.Word, R10, Key + MatchKey.IdentifierOffset, 0);
        _code.Store(BpfSize.Half, R10, Key + MatchKey.PortOffset, 0);
        _code.Move(R7, Payload);
        _code.JumpIf(BpfCondition.NotEqual, R4, (int)IpProtocol.Udp, _byProtocol);
    }

    // On to the whole label with R2 at the Ethernet header, if both headers can be read there.
    private void Point(BpfLabel whole)
    {
        _code.Load(BpfSize.Word, R2, R6, SkBuff.Data);
        _code.Load(BpfSize.Word, R3, R6, SkBuff.DataEnd);
        _code.Move(R5, R2);
        _code.Compute(BpfOperation.Add, R5, Payload);
        _code.JumpIf(BpfCondition.AtMost, R5, R3, whole);
    }

    private void ReadUdp()
    {
        var (vxlan, gue) = (_code.Label(), _code.Label());
        LoadBytes(Headers, 16);
        _code.Load(BpfSize.Half, R2, R10, Headers + 2);
        _code.Store(BpfSize.Word, R10, MapKey, R2);
        Lookup(_maps.Ports, MapKey);
        _code.Load(BpfSize.Word, R4, R0, 0);
        _code.Load(BpfSize.Half, R2, R10, Headers + 4);
        _code.ToBigEndian(R2, BpfSize.Half);
        _code.Compute(BpfOperation.Add, R2, IPv4Header.MinSize);
        _code.JumpIf(BpfCondition.NotEqual, R2, R9, _pass);
        _code.JumpIf(BpfCondition.Equal, R4, OffloadMaps.Vxlan, vxlan);
        _code.Load(BpfSize.Half, R2, R10, Headers + 6);
        _code.JumpIf(BpfCondition.NotEqual, R2, 0, _pass); // a checksum, which is the daemon's to verify
        _code.JumpIf(BpfCondition.Equal, R4, OffloadMaps.Gue, gue);
        _code.Compute(BpfOperation.ShiftRight, R4, 8);
        _code.Move(R7, Payload + UdpHeader.Size);
        _code.Jump(_byProtocol);

        _code.Mark(gue);
        _code.Load(BpfSize.Byte, R2, R10, Headers + 8);
        _code.JumpIf(BpfCondition.NotEqual, R2, 0, _pass);
        _code.Load(BpfSize.Half, R2, R10, Headers + 10);
        _code.JumpIf(BpfCondition.NotEqual, R2, 0, _pass);
        _code.Load(BpfSize.Byte, R4, R10, Headers + 9);
        _code.Move(R7, Payload + UdpHeader.Size + 4);
        _code.Jump(_byProtocol);

        _code.Mark(vxlan);
        _code.Load(BpfSize.Word, R2, R10, Headers + 8);
        _code.JumpIf(BpfCondition.NotEqual, R2, (int)OffloadMaps.NetworkOrder(0x0800_0000u), _pass);
        _code.Load(BpfSize.Byte, R2, R10, Headers + 15);
        _code.JumpIf(BpfCondition.NotEqual, R2, 0, _pass);
        _code.Load(BpfSize.Word, R2, R10, Headers + 12);
        _code.Store(BpfSize.Word, R10, Key + MatchKey.IdentifierOffset, R2);
        _code.Load(BpfSize.Half, R2, R10, Headers + 2);
        _code.Store(BpfSize.Half, R10, Key + MatchKey.PortOffset, R2);
        _code.Store(BpfSize.Half, R10, Key + MatchKey.KindOffset, (int)OffloadKind.Vxlan);
        _code.Move(R7, Payload + UdpHeader.Size + VxlanHeader.Size);
        _code.Jump(_frame);
    }

    // R4 is the protocol. GRE has a protocol field of its own, and perhaps a key.
    private void ReadGre()
    {
        var (gre, keyed, type, ipv4) = (_code.Label(), _code.Label(), _code.Label(), _code.Label());
        _code.Store(BpfSize.Half, R10, Key + MatchKey.KindOffset, (int)OffloadKind.Ipip);
        _code.Store(BpfSize.Word, R10, Version, 4);
        _code.JumpIf(BpfCondition.Equal, R4, (int)IpProtocol.IpIp, _packet);
        _code.Store(BpfSize.Half, R10, Key + MatchKey.KindOffset, (int)OffloadKind.Sit);
        _code.Store(BpfSize.Word, R10, Version, 6);
        _code.JumpIf(BpfCondition.Equal, R4, (int)IpProtocol.IPv6, _packet);
        _code.JumpIf(BpfCondition.Equal, R4, (int)IpProtocol.Gre, gre);
        _code.Jump(_pass);

        _code.Mark(gre);
        LoadBytes(Headers, 8);
        _code.Move(R4, (int)OffloadKind.Gre);
        _code.Load(BpfSize.Half, R2, R10, Headers);
        _code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder(0x2000), keyed);
        _code.JumpIf(BpfCondition.NotEqual, R2, 0, _pass);
        _code.Compute(BpfOperation.Add, R7, 4);
        _code.Jump(type);
        _code.Mark(keyed);
        _code.Move(R4, (int)OffloadKind.GreKey);
        _code.Load(BpfSize.Word, R2, R10, Headers + 4);
        _code.Store(BpfSize.Word, R10, Key + MatchKey.IdentifierOffset, R2);
        _code.Compute(BpfOperation.Add, R7, 8);

        _code.Mark(type);
        _code.Store(BpfSize.Half, R10, Key + MatchKey.KindOffset, R4);
        _code.Load(BpfSize.Half, R2, R10, Headers + 2);
        _code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv6), _packet);
        _code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv4), ipv4);
        _code.JumpIf(BpfCondition.NotEqual, R2, OffloadMaps.NetworkOrder((ushort)EtherType.TransparentEthernet), _pass);
        _code.Compute(BpfOperation.Add, R4, OffloadKind.Gretap - OffloadKind.Gre);
        _code.Store(BpfSize.Half, R10, Key + MatchKey.KindOffset, R4);
        _code.Jump(_frame);
        _code.Mark(ipv4);
        _code.Store(BpfSize.Word, R10, Version, 4);
    }

    private void DeliverPacket()
    {
        var ipv6 = _code.Label();
        _code.Mark(_packet);
        Lookup(_maps.Tunnels, Key);
        _code.Move(R8, R0);
        LoadBytes(Inner, IPv4Header.MinSize);
        _code.Load(BpfSize.Byte, R2, R10, Inner);
        _code.Compute(BpfOperation.ShiftRight, R2, 4);
        _code.Load(BpfSize.Word, R3, R10, Version);
        _code.JumpIf(BpfCondition.NotEqual, R2, R3, _pass);
        _code.JumpIf(BpfCondition.Equal, R3, 6, ipv6);
        RequireFlag(MatchValue.IPv4);
        PassKeepalive();
        Deliver(isIPv6: false, isFrame: false);
        _code.Mark(ipv6);
        RequireFlag(MatchValue.IPv6);
        Deliver(isIPv6: true, isFrame: false);
    }

    // GRE in GRE may be addressed back to its sender, which the daemon does.
    private void PassKeepalive()
    {
        var other = _code.Label();
        _code.Load(BpfSize.Half, R2, R10, Key + MatchKey.KindOffset);
        _code.JumpIf(BpfCondition.Equal, R2, (int)OffloadKind.Ipip, other);
        _code.Load(BpfSize.Byte, R2, R10, Inner + 9);
        _code.JumpIf(BpfCondition.Equal, R2, (int)IpProtocol.Gre, _pass);
        _code.Mark(other);
    }

    private void DeliverFrame()
    {
        var (ipv6, known) = (_code.Label(), _code.Label());
        _code.Mark(_frame);
        Lookup(_maps.Tunnels, Key);
        _code.Move(R8, R0);
        LoadBytes(InnerEthernet, Ethernet + IPv4Header.MinSize);
        _code.Load(BpfSize.Word, R2, R8, MatchValue.FlagsOffset);
        _code.Compute(BpfOperation.And, R2, (int)MatchValue.Learns);
        _code.JumpIf(BpfCondition.Equal, R2, 0, known);
        _code.Load(BpfSize.Word, R2, R8, MatchValue.SlotOffset);
        _code.Store(BpfSize.Word, R10, Address, R2);
        _code.Load(BpfSize.Word, R2, R10, InnerEthernet + 6);
        _code.Store(BpfSize.Word, R10, Address + 4, R2);
        _code.Load(BpfSize.Half, R2, R10, InnerEthernet + 10);
        _code.Store(BpfSize.Word, R10, Address + 8, R2);
        Lookup(_maps.Addresses, Address);
        _code.Store(BpfSize.Double, R0, 0, 1); // heard of; the daemon takes it back
        _code.Mark(known);
        _code.Compute(BpfOperation.Add, R7, Ethernet);
        _code.Load(BpfSize.Half, R2, R10, Inner - 2);
        _code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv6), ipv6);
        _code.JumpIf(BpfCondition.NotEqual, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv4), _pass);
        Deliver(isIPv6: false, isFrame: true);
        _code.Mark(ipv6);
        Deliver(isIPv6: true, isFrame: true);
    }

    // R7 is where the inner IP header begins, of which the first bytes are on the stack.
    private void Deliver(bool isIPv6, bool isFrame)
    {
        var (ecn, super, gone) = (_code.Label(), _code.Label(), _code.Label());
        if (isIPv6)
        {
            _code.Load(BpfSize.Half, R4, R10, Inner + 4);
            _code.ToBigEndian(R4, BpfSize.Half);
            _code.Compute(BpfOperation.Add, R4, IPv6Header.Size);
            _code.Load(BpfSize.Half, R5, R10, Inner);
            _code.ToBigEndian(R5, BpfSize.Half);
            _code.Compute(BpfOperation.ShiftRight, R5, 4);
        }
        else
        {
            _code.Load(BpfSize.Half, R4, R10, Inner + 2);
            _code.ToBigEndian(R4, BpfSize.Half);
            _code.Load(BpfSize.Byte, R5, R10, Inner + 1);
        }
        // Datagrams that the kernel has joined (UDP_GRO) are more than the first of them says.
        _code.Move(R3, R4);
        _code.Compute(BpfOperation.Add, R3, R7);
        _code.Compute(BpfOperation.Subtract, R3, Ethernet);
        _code.JumpIf(BpfCondition.NotEqual, R3, R9, _pass);
        // ECN that the inner packet has already, or that says nothing, needs no work (RFC 6040, 4.2).
        _code.Load(BpfSize.Word, R2, R10, Tos);
        _code.Compute(BpfOperation.And, R2, EcnPropagation.Mask);
        _code.JumpIf(BpfCondition.Equal, R2, 0, ecn);
        _code.Compute(BpfOperation.And, R5, EcnPropagation.Mask);
        _code.JumpIf(BpfCondition.NotEqual, R2, R5, _pass);
        _code.Mark(ecn);
        if (isFrame)
            _code.Compute(BpfOperation.Add, R4, Ethernet);
        _code.Move(R9, R4);
        _code.Load(BpfSize.Word, R2, R6, SkBuff.GsoSize);
        _code.JumpIf(BpfCondition.NotEqual, R2, 0, super);
        _code.Load(BpfSize.Word, R2, R8, MatchValue.MaxLengthOffset);
        _code.JumpIf(BpfCondition.Above, R9, R2, _pass);
        _code.Mark(super);
        _code.Load(BpfSize.Word, R2, R6, SkBuff.GsoSegments);
        _code.Store(BpfSize.Word, R10, Tos, R2);

        _code.Move(R1, R6);
        _code.Move(R2, Ethernet);
        _code.Compute(BpfOperation.Subtract, R2, R7);
        _code.Move(R3, SkBuff.AfterMac);
        _code.MoveWide(R4, SkBuff.FixedGso | (isIPv6 ? SkBuff.DecapIPv6 : SkBuff.DecapIPv4));
        _code.Call(SkBuff.AdjustRoom);
        _code.JumpIf(BpfCondition.NotEqual, R0, 0, _pass);
        if (isFrame)
        {
            _code.Move(R1, R6);
            _code.Move(R2, 0);
            _code.Move(R3, R10);
            _code.Compute(BpfOperation.Add, R3, InnerEthernet);
            _code.Move(R4, Ethernet);
            _code.Move(R5, 0);
            _code.Call(SkBuff.StoreBytes);
            _code.JumpIf(BpfCondition.NotEqual, R0, 0, gone);
        }
        Count();
        _code.Load(BpfSize.Word, R1, R8, MatchValue.DeviceOffset);
        _code.Move(R2, SkBuff.Ingress);
        _code.Call(SkBuff.Redirect);
        _code.Exit();
        if (!isFrame)
            return;
        _code.Mark(gone);
        _code.Move(R0, SkBuff.Drop);
        _code.Exit();
    }

    private void Count()
    {
        var (none, counted) = (_code.Label(), _code.Label());
        _code.Load(BpfSize.Word, R2, R8, MatchValue.SlotOffset);
        _code.Store(BpfSize.Word, R10, MapKey, R2);
        _code.LoadMap(R1, _maps.Counters);
        _code.Move(R2, R10);
        _code.Compute(BpfOperation.Add, R2, MapKey);
        _code.Call(SkBuff.MapLookup);
        _code.JumpIf(BpfCondition.Equal, R0, 0, none);
        _code.Load(BpfSize.Word, R2, R10, Tos);
        _code.JumpIf(BpfCondition.NotEqual, R2, 0, counted);
        _code.Move(R2, 1);
        _code.Mark(counted);
        _code.AtomicAdd(BpfSize.Double, R0, CounterRow.RxPackets, R2);
        _code.AtomicAdd(BpfSize.Double, R0, CounterRow.RxBytes, R9);
        _code.Mark(none);
    }

    private void Require(int field, int value)
    {
        _code.Load(BpfSize.Word, R2, R6, field);
        _code.JumpIf(BpfCondition.NotEqual, R2, value, _pass);
    }

    private void RequireFlag(uint flag)
    {
        _code.Load(BpfSize.Word, R2, R8, MatchValue.FlagsOffset);
        _code.Compute(BpfOperation.And, R2, (int)flag);
        _code.JumpIf(BpfCondition.Equal, R2, 0, _pass);
    }

    // From where R7 is, to the stack.
    private void LoadBytes(int to, int length)
    {
        _code.Move(R1, R6);
        _code.Move(R2, R7);
        _code.Move(R3, R10);
        _code.Compute(BpfOperation.Add, R3, to);
        _code.Move(R4, length);
        _code.Call(SkBuff.LoadBytes);
        _code.JumpIf(BpfCondition.NotEqual, R0, 0, _pass);
    }

    // R0 is the value afterwards; without one it is not for us.
    private void Lookup(BpfMap map, int key)
    {
        _code.LoadMap(R1, map);
        _code.Move(R2, R10);
        _code.Compute(BpfOperation.Add, R2, key);
        _code.Call(SkBuff.MapLookup);
        _code.JumpIf(BpfCondition.Equal, R0, 0, _pass);
    }
}
